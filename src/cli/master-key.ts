import type { Command as Program } from "commander";
import { forgetPreviousMasterKey, rotateMasterKey } from "../assembly/change-master-key.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";

/** `gatehouse master-key`: changes what everything is encrypted with, while the gateway runs. */
export const masterKey: Command = {
  name: "master-key",
  summary: "change the key that everything is encrypted with, while the gateway runs",
  register(program: Program): void {
    const own = program.command(masterKey.name).description(masterKey.summary);
    own
      .command("rotate")
      .description("make a new master key and encrypt with it; what the old one made is still taken")
      .action(rotate);
    own
      .command("forget")
      .description("forget the old master key: what it made is not taken any more")
      .action(forget);
  },
};

async function rotate(): Promise<void> {
  const id = await rotateMasterKey(dataFolder(), process.env);
  console.log(`The master key is another now (${id}). Keep a copy of master.key in the data folder.`);
  console.log(
    "The old one stays in master.key.previous, for browser tokens, recorded bodies and kept answers of before,",
  );
  console.log("until `gatehouse master-key forget`.");
}

async function forget(): Promise<void> {
  const id = await forgetPreviousMasterKey(dataFolder(), process.env);
  console.log(`The old master key is forgotten; the one in force is ${id}.`);
}
