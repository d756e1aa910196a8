"""The values that the whole program speaks of: frozen, slotted, without a clock, a loop or a library."""
