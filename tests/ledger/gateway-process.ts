// A gateway without a gateway: opens and ends calls until it is killed, and tells on standard output which it was
// promised. Started by ledger.test.ts with a data folder.
import { openLedger } from "../../src/ledger/open-ledger.ts";
import { lockDataFolder } from "../../src/storage/data-lock.ts";
import { openSqlite } from "../../src/storage/open-sqlite.ts";
import { attempt, closing, finish, priceBook, request } from "./samples.ts";

const [dataFolder = "", first = "0"] = process.argv.slice(2);
lockDataFolder(dataFolder);
await (await openSqlite(dataFolder)).destroy();
const ledger = openLedger({ dataFolder, priceBook, segmentBytes: 100_000 });

for (let number = Number(first); ; number += 10) {
  await Promise.all(Array.from({ length: 10 }, (_, index) => call(number + index)));
  await Bun.sleep(1);
}

async function call(number: number): Promise<void> {
  await ledger.open(request(number), attempt(number));
  process.stdout.write(`opened ${number}\n`);
  // Some are left open, as long answers are.
  if (number % 5 === 0) return;
  ledger.close(closing(number));
  ledger.finish(request(number), finish(number));
}
