// Starts the page: every part draws itself from the store, and the stream feeds it.

import {access} from "./access.js";
import {alerts} from "./alerts.js";
import {at} from "./dom.js";
import {watch} from "./store.js";
import {follow} from "./stream.js";
import {views} from "./views.js";

watch(alerts(at("alerts")));
watch(access(at("ask"))); // before the views: it takes the hash of a scanned address
watch(views(at("views"), at("main"), at("shown")));
follow();
