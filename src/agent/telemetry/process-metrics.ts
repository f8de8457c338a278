import { monitorEventLoopDelay } from "node:perf_hooks";
import { collectDefaultMetrics, Gauge, type Registry } from "prom-client";

/** A timer that asks ten times a second costs 0.05 % of a core; prom-client's own of 10 ms costs 1 %. */
const RESOLUTION_MILLIS = 100;

const NEVER_MILLIS = 2 ** 31 - 1;

/**
 * Left out of prom-client's: gauges that end in `_total` as only counters should, and delays of the event loop, in which
 * the interval of the timer that measures them is contained.
 */
const UNWANTED =
  /^(nodejs_active_(resources|handles|requests)_total|nodejs_eventloop_lag_(min|max|mean|stddev|p\d+)_seconds)$/;

/** CPU, memory, descriptors, garbage collection and event loop of this process. */
export function collectProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: NEVER_MILLIS });
  for (const { name } of register.getMetricsAsArray()) {
    if (UNWANTED.test(name)) register.removeSingleMetric(name);
  }
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MILLIS });
  delays.enable();
  new Gauge({
    name: "podwall_event_loop_delay_max_seconds",
    help: "Longest time since the last scrape in which the process was busy with one thing, less up to 0.1 s.",
    registers: [register],
    collect() {
      this.set(Math.max(0, delays.max / 1e9 - RESOLUTION_MILLIS / 1000));
      delays.reset();
    },
  });
}
