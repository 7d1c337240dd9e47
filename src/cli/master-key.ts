import type { Command as Program } from "commander";
import { forgetPreviousMasterKey, rotateMasterKey } from "../assembly/change-master-key.ts";
import { masterKeyFiles } from "../assembly/master-key.ts";
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
  const folder = dataFolder();
  const id = await rotateMasterKey(folder, process.env);
  const [current, previous] = masterKeyFiles(folder);
  console.log(`The master key is another now (${id}).`);
  console.log(`Back up ${current}: nothing that this gateway keeps encrypted can be read without it.`);
  console.log(`The old one stays in ${previous} until \`gatehouse master-key forget\`:`);
  console.log("browser tokens, recorded bodies and kept answers of before are taken as long as it is there.");
}

async function forget(): Promise<void> {
  const id = await forgetPreviousMasterKey(dataFolder(), process.env);
  console.log(`The old master key is forgotten; the one in force is ${id}.`);
}
