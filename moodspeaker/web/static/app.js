// Starts the page: every card draws itself from the store, and the stream feeds it.

import {access} from "./access.js";
import {alerts} from "./alerts.js";
import {mood} from "./mood.js";
import {music} from "./music.js";
import {parts} from "./parts.js";
import {steer} from "./steer.js";
import {watch} from "./store.js";
import {follow} from "./stream.js";
import {why} from "./why.js";

const at = (id) => document.getElementById(id);
watch(alerts(at("alerts")));
watch(access(at("ask")));
watch(mood(at("card-mood")));
watch(music(at("card-music")));
watch(steer(at("card-steer")));
watch(why(at("card-why")));
watch(parts(at("card-parts")));
follow();
