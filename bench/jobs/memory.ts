/**
 * The most memory that this process ever had resident, in megabytes (10^6 bytes). A fresh process begins with what its
 * parent had, so the parent must stay small.
 */
export function peakMegabytes(): number {
  // maxRSS is in units of 1024 bytes (uv_getrusage).
  return (process.resourceUsage().maxRSS * 1024) / 1e6;
}
