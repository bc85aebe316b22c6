// Keeps the status page current. The server's HTML is the only truth: on news the page is fetched
// again and what changed is taken over, so nothing here knows what a state or a class means.

import { follow } from "./live.js";
import { startTicking } from "./times.js";

startTicking();
follow();
