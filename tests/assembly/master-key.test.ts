import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MasterKeyUnusable, openMasterKey } from "../../src/assembly/master-key.ts";
import { removeTemporaryFolders, temporaryFolder } from "../ledger/temporary-folder.ts";
import { runGatehouse, startGateway } from "../process/gateway-process.ts";

setDefaultTimeout(20_000);
afterEach(removeTemporaryFolders);

const BYTES = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7));
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

function refusalOf(work: () => unknown): MasterKeyUnusable {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof MasterKeyUnusable) return thrown;
    throw thrown;
  }
  throw new Error("not refused");
}

describe("the master key", () => {
  test("is made once, for its owner's eyes only, and is the same ever after", () => {
    const folder = join(temporaryFolder(), "data");
    const path = join(folder, "master.key");
    const first = openMasterKey(folder, {});
    expect([first.source, mode(path), mode(folder)]).toEqual([path, "600", "700"]);
    chmodSync(path, 0o644);
    const second = openMasterKey(folder, {});
    expect([second.id, mode(path)]).toEqual([first.id, "600"]);
    expect(second.derive("x")).toEqual(first.derive("x"));
  });

  test("of the environment goes first, in base64, its form for addresses, or hexadecimal", () => {
    const folder = temporaryFolder();
    const forms = [
      BYTES.toString("base64"),
      BYTES.toString("base64url"),
      BYTES.toString("hex"),
      BYTES.toString("hex").toUpperCase(),
      `  ${BYTES.toString("base64")}\n`,
    ];
    const ids = forms.map((form) => openMasterKey(folder, { GATEHOUSE_MASTER_KEY: form }).id);
    expect(new Set(ids).size).toBe(1);
    expect(() => statSync(join(folder, "master.key"))).toThrow();
    expect(openMasterKey(folder, { GATEHOUSE_MASTER_KEY: "" }).id).not.toBe(ids[0] as string);
  });

  test("gives each purpose a key of its own, and none gives another away", () => {
    const key = openMasterKey(temporaryFolder(), { GATEHOUSE_MASTER_KEY: BYTES.toString("hex") });
    const derived = [
      key.derive("browser tokens"),
      key.derive("bodies at rest"),
      key.derive("bodies at rest", 16),
    ];
    expect(derived.map(({ byteLength }) => byteLength)).toEqual([32, 32, 16]);
    const texts = new Set([...derived.map((bytes) => bytes.toString("hex")), BYTES.toString("hex")]);
    expect(texts.size).toBe(4);
    // RFC 5869 with SHA-256, salt "gatehouse", info the purpose: never to change, or what is encrypted is lost.
    expect(derived[0]?.toString("hex")).toBe(
      "5d6b4b02900be38eb1fec58e820617d35a97c96b906834fc34155ba0149c394f",
    );
    expect(JSON.stringify(key)).not.toContain(BYTES.toString("hex").slice(0, 8));
  });

  test.each(["short", "a".repeat(63), "a".repeat(65), "!".repeat(43), BYTES.subarray(1).toString("base64")])(
    "%p is none",
    (given) => {
      const folder = temporaryFolder();
      const error = refusalOf(() => openMasterKey(folder, { GATEHOUSE_MASTER_KEY: given }));
      expect(error.message).not.toContain(given);
      expect(error.mend).toContain("openssl rand");
      writeFileSync(join(folder, "master.key"), given);
      expect(refusalOf(() => openMasterKey(folder, {})).mend).toContain("backup");
      expect(readFileSync(join(folder, "master.key"), "utf8")).toBe(given);
    },
  );

  test("made by many processes at once is one", async () => {
    const folder = join(temporaryFolder(), "data");
    const module = JSON.stringify(join(import.meta.dir, "../../src/assembly/master-key.ts"));
    const script = `
      const { openMasterKey } = await import(${module});
      console.log(openMasterKey(${JSON.stringify(folder)}, {}).id);`;
    const ids = await Promise.all(
      Array.from({ length: 6 }, () =>
        new Response(Bun.spawn([process.execPath, "-e", script], { stderr: "inherit" }).stdout).text(),
      ),
    );
    expect([...new Set(ids)]).toEqual([`${openMasterKey(folder, {}).id}\n`]);
  });

  test("that is wrong starts no gateway; one that is right is told of at the first start", async () => {
    const folder = temporaryFolder();
    const environment = { GATEHOUSE_DATA: join(folder, "data"), PORT: "0" };
    const refused = await runGatehouse(["serve"], { ...environment, GATEHOUSE_MASTER_KEY: "wrong" }, folder);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(
      /^gatehouse: GATEHOUSE_MASTER_KEY is not a key of 32 bytes.*\n {2}mend: .*\n$/,
    );
    const gateway = await startGateway();
    try {
      expect(gateway.printed).toContain(`master key   ${join(gateway.dataFolder, "data", "master.key")}`);
      expect(gateway.printed + gateway.log()).not.toContain(
        readFileSync(join(gateway.dataFolder, "data", "master.key"), "utf8").trim(),
      );
    } finally {
      await gateway.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
