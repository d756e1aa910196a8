"""The MQTT broker: `client` is the port's adapter, `connection` the only door to paho-mqtt."""
