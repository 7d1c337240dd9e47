import { resolve } from "node:path";

/** The data folder that commands work on. */
export function dataFolder(): string {
  return resolve(process.env["GATEHOUSE_DATA"] || "data");
}
