// How jemalloc, which looks this name up, keeps memory. A daemon holds what a thousand plans at
// rest need; what a busy moment took beside that (a start, a cutover, pages that people open) goes
// back to the system within seconds. One thread does nearly all the work, so one arena is enough,
// and the hundred that serve pages shall keep little for themselves.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf =
    "narenas:1,lg_tcache_max:12,tcache_nslots_small_max:32,background_thread:true,"
    "dirty_decay_ms:500,muzzy_decay_ms:0";
}
