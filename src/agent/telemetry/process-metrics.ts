import { collectDefaultMetrics, Gauge, type Registry } from "prom-client";

/** prom-client asks the event loop every 10 ms, which costs 1 % of a core; ten times a second costs a tenth of that. */
const INTERVAL_MILLIS = 100;

const NEVER_MILLIS = 2 ** 31 - 1;

/**
 * Left out of prom-client's: gauges that end in `_total` as only counters should, and its delays of the event loop, in which
 * the interval of the timer that measures them is contained.
 */
const UNWANTED =
  /^(nodejs_active_(resources|handles|requests)_total|nodejs_eventloop_lag_((min|max|mean|stddev|p\d+)_)?seconds)$/;

/** CPU, memory, descriptors, garbage collection and event loop of this process. */
export function collectProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: NEVER_MILLIS });
  for (const { name } of register.getMetricsAsArray()) {
    if (UNWANTED.test(name)) register.removeSingleMetric(name);
  }
  const longestDelay = watchEventLoop();
  new Gauge({
    name: "podwall_event_loop_delay_max_seconds",
    help: "The longest time since the last scrape in which the process did one thing and nothing else, less up to 0.1 s.",
    registers: [register],
    collect() {
      this.set(longestDelay() / 1000);
    },
  });
}

/** Measures how late a timer is; the longest since the last call, in milliseconds. */
function watchEventLoop(): () => number {
  let last = performance.now();
  let longest = 0;
  const look = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last - INTERVAL_MILLIS);
    last = now;
  };
  setInterval(look, INTERVAL_MILLIS).unref();
  return () => {
    const told = Math.max(longest, performance.now() - last - INTERVAL_MILLIS, 0);
    longest = 0;
    return told;
  };
}
