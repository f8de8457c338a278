// Runs in a namespace: SOURCE DESTINATION COUNT PORTS sends so many datagrams, to that many ports in turn, as fast as it can.
import { addressOf, socketAddress } from "../../src/linux/sockaddr.ts";
import * as sys from "../../src/linux/syscalls.ts";

const [source, destination, count, ports] = process.argv.slice(2) as [string, string, string, string];
const fd = sys.socket(sys.AF_INET, sys.SOCK_DGRAM, 0);
const failed = sys.bind(fd, socketAddress(addressOf(source), 5000));
if (failed !== 0) throw new sys.SyscallError("bind", failed);
const targets = Array.from({ length: Number(ports) }, (_, i) => socketAddress(addressOf(destination), 1 + i));
const data = Buffer.from("flood");
for (let i = 0; i < Number(count); i++) {
  const error = sys.sendTo(fd, data, targets[i % targets.length]!);
  // A rule that drops what leaves says so to the sender.
  if (error !== sys.EPERM) throw new sys.SyscallError(`a packet passed, or was not sent: ${error}`, error);
}
sys.close(fd);
