/**
 * The replay server as a process. Environment: PORT and CONTROL_PORT (default 0: any), RECORDINGS (the folder of
 * shared recordings). Prints `{"port":…,"controlPort":…}` when it listens. With `--exit-with-stdin` it ends when
 * its standard input does, so that it never outlives the test run that started it.
 */
import type { AddressInfo } from "node:net";
import { CallLog } from "./call-log.ts";
import { startControl } from "./control.ts";
import { recordingFolders } from "./recordings.ts";
import { ScenarioTable } from "./scenario-table.ts";
import { createDataServer } from "./server.ts";

const table = new ScenarioTable(recordingFolders());
const log = new CallLog();
const { server, connections } = createDataServer(table, log);
const controlPort = startControl({ table, log, connections }, Number(process.env["CONTROL_PORT"] ?? 0));

// A load test opens its connections all at once: the usual backlog of 511 would drop some.
server.listen({ host: "127.0.0.1", port: Number(process.env["PORT"] ?? 0), backlog: 4096 }, () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ port, controlPort }));
});

if (process.argv.includes("--exit-with-stdin")) {
  process.stdin.on("end", () => process.exit(0));
  process.stdin.resume();
}
