// Starts the page: every part draws itself from the store, and the stream feeds it.

import {access} from "./access.js";
import {alerts} from "./alerts.js";
import {watch} from "./store.js";
import {follow} from "./stream.js";
import {views} from "./views.js";

const at = (id) => document.getElementById(id);
watch(alerts(at("alerts")));
watch(access(at("ask"))); // before the views: it takes the hash of a scanned address
watch(views(at("views"), at("main")));
follow();
