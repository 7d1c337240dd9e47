import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runGatehouse, startGateway, waitUntil } from "../process/gateway-process.ts";
import { refusedPort } from "../upstream/client.ts";

/** Each command is a process of its own, and the machine may be busy. */
setDefaultTimeout(20_000);

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Runs a start that is expected to fail, in a folder of its own. */
async function failingStart(environment: Record<string, string>, files: Record<string, string> = {}) {
  const folder = freshFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const result = await runGatehouse(
    ["serve"],
    { PORT: "0", GATEHOUSE_DATA: join(folder, "data"), ...environment },
    folder,
  );
  return { ...result, folder };
}

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-cli-"));
  folders.push(folder);
  return folder;
}

describe("the first start", () => {
  test("prints each key once and a call that works, the second neither", async () => {
    const beganMs = performance.now();
    const first = await startGateway();
    console.log(`first start: ${Math.round(performance.now() - beganMs)} ms`);
    try {
      expect(first.printed).toContain(first.url);
      expect(first.printed).toContain("demo (built in");
      expect(first.printed.split("This is the first start").length).toBe(2);
      const call = /curl[\s\S]*/.exec(first.printed)?.[0] ?? "";
      const child = Bun.spawn(["bash", "-c", call.replace("curl", "curl -sS")], {
        stdout: "pipe",
        stderr: "pipe",
      });
      const answer = JSON.parse(await new Response(child.stdout).text());
      expect(answer.choices[0].message.content).toBeString();
      expect(await first.end()).toBe(0);
      const again = performance.now();
      const second = await startGateway({ dataFolder: first.dataFolder });
      console.log(`second start: ${Math.round(performance.now() - again)} ms`);
      expect(second.printed).not.toMatch(/gha?_[\w-]{10,}/);
      expect(second.printed).not.toContain("first start");
      const models = await fetch(`${second.url}/v1/models`, { headers: { "x-api-key": first.virtualKey } });
      expect(models.status).toBe(200);
      expect(await second.end()).toBe(0);
    } finally {
      await first.dispose();
    }
  });

  test("that fails for its port leaves the keys to the next one", async () => {
    const port = await takenPort();
    const folder = freshFolder();
    const { exitCode, stderr } = await runGatehouse(
      ["serve"],
      { PORT: String(port.number), GATEHOUSE_DATA: join(folder, "data") },
      folder,
    );
    expect(exitCode).toBe(1);
    expect(stderr).not.toMatch(/gha?_[\w-]{10,}/);
    port.free();
    const next = await startGateway({ dataFolder: folder });
    try {
      expect(next.adminKey).toMatch(/^gha_/);
      expect(next.virtualKey).toMatch(/^gh_/);
    } finally {
      await next.dispose();
    }
  });

  test("names the providers whose variables are set, and never their keys", async () => {
    const gateway = await startGateway({ environment: { GROQ_API_KEY: "gsk_0123456789abcdefghij" } });
    try {
      expect(gateway.printed).toContain("groq (key from GROQ_API_KEY)");
      expect(gateway.printed).not.toContain("gsk_0123");
    } finally {
      await gateway.dispose();
    }
  });

  test("gives a call that works where it listens on every address", async () => {
    const configuration = "server: { trusted_hosts: [gateway.example.com] }\n";
    const gateway = await startGateway({ configuration, environment: { HOST: "0.0.0.0" } });
    try {
      expect(gateway.printed).toContain(`listens on http://0.0.0.0:${gateway.port}`);
      expect(gateway.printed).toContain(`curl http://127.0.0.1:${gateway.port}/`);
    } finally {
      await gateway.dispose();
    }
  });
});

describe("the environment", () => {
  test("PORT, HOST, GATEHOUSE_CONFIG and GATEHOUSE_DATA are honoured over the file", async () => {
    const folder = freshFolder();
    const port = await refusedPort();
    writeFileSync(
      join(folder, "own.yaml"),
      "server: { port: 1, host: 127.0.0.1 }\nproviders: { demo: { enabled: true } }\n",
    );
    const gateway = await startGateway({
      dataFolder: folder,
      environment: {
        PORT: String(port),
        HOST: "localhost",
        GATEHOUSE_CONFIG: join(folder, "own.yaml"),
        GATEHOUSE_DATA: join(folder, "elsewhere"),
      },
    });
    try {
      expect(gateway.port).toBe(port);
      expect(gateway.url).toBe(`http://localhost:${port}`);
      expect(readdirSync(join(folder, "elsewhere"))).toContain("gatehouse.db");
      expect(existsSync(join(folder, "data"))).toBe(false);
      expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
    } finally {
      await gateway.end("SIGKILL");
    }
  });

  test("without GATEHOUSE_CONFIG the file of the working folder is read, without GATEHOUSE_DATA its data folder", async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, "gatehouse.yaml"), "routes: { mine: { targets: [demo/demo] } }\n");
    const gateway = await startGateway({ dataFolder: folder, environment: { GATEHOUSE_DATA: "" } });
    try {
      const headers = { "x-api-key": gateway.virtualKey };
      expect((await fetch(`${gateway.url}/v1/models/mine`, { headers })).status).toBe(200);
      expect(readdirSync(join(folder, "data"))).toContain("gatehouse.db");
      const list = await gateway.command("keys", "list");
      expect(list.stdout).toContain("first");
      expect(existsSync(join(folder, "gatehouse.db"))).toBe(false);
    } finally {
      await gateway.end("SIGKILL");
    }
  });
});

describe("a start that can't be", () => {
  test("says in one sentence that the port is in use", async () => {
    const port = await takenPort();
    const { exitCode, stderr, stdout } = await failingStart({ PORT: String(port.number) });
    port.free();
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      `gatehouse: Port ${port.number} on 127.0.0.1 is in use.\n` +
        "  mend: Stop what listens there, or choose another port: PORT=8004, or `server.port`.\n",
    );
  });

  test("says that the address is not this machine's", async () => {
    const { exitCode, stderr } = await failingStart({ HOST: "127.0.0.999" });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^gatehouse: Can't listen on 127\.0\.0\.999, port 0: \w+\.\n {2}mend: .*HOST.*\n$/,
    );
  });

  test("says that another gateway has the data folder, and leaves that one alone", async () => {
    const gateway = await startGateway();
    try {
      const environment = { GATEHOUSE_DATA: join(gateway.dataFolder, "data") };
      const { exitCode, stderr } = await failingStart(environment);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(
        /^gatehouse: Another gateway is running on the data folder .*\n {2}mend: .*GATEHOUSE_DATA.*\n$/,
      );
      expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
      await gateway.end("SIGKILL");
      const next = await startGateway({ dataFolder: gateway.dataFolder });
      expect(await next.end()).toBe(0);
    } finally {
      await gateway.dispose();
    }
  });

  test("says that the data folder can't be used", async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, "file"), "");
    for (const data of [join(folder, "file"), join(folder, "file", "below")]) {
      const { exitCode, stderr } = await failingStart({ GATEHOUSE_DATA: data });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^gatehouse: E\w+: .*\n {2}mend: .*GATEHOUSE_DATA.*\n$/);
    }
  });

  test("tells each problem of the configuration with its line and mend, and changes nothing", async () => {
    const text = "server:\n  prot: 8003\nproviders:\n  groq: { key: 5 }\n  mine: { dialect: openai-chat }\n";
    const { exitCode, stderr, folder } = await failingStart({}, { "gatehouse.yaml": text });
    expect(exitCode).toBe(1);
    for (const place of ["gatehouse.yaml:2:", "gatehouse.yaml:4:", "gatehouse.yaml:5:"])
      expect(stderr).toContain(place);
    expect(stderr.match(/mend: /g)?.length).toBeGreaterThanOrEqual(3);
    expect(stderr).toContain("not started");
    expect(stderr).not.toContain("    at ");
    expect(existsSync(join(folder, "data"))).toBe(false);
    const check = await runGatehouse(["config", "check"], {}, folder);
    expect([check.exitCode, check.stdout]).toEqual([1, ""]);
    expect(check.stderr).toContain("problems.");
  });

  test("a configuration file that isn't there", async () => {
    const { exitCode, stderr } = await failingStart({ GATEHOUSE_CONFIG: "nowhere.yaml" });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("nowhere.yaml");
    expect(stderr).toContain("mend: ");
  });

  test.concurrent.each([
    [["nope"], "unknown command"],
    [["keys", "nope"], "unknown command"],
    [["keys", "revoke"], "missing required argument"],
    [["keys", "create"], "--project"],
  ])("%p is no command", async (words, said) => {
    const { exitCode, stderr } = await runGatehouse(words, {}, freshFolder());
    expect(exitCode).toBe(1);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain("    at ");
  });
});

describe("the command without a command", () => {
  test("serves", async () => {
    const folder = freshFolder();
    mkdirSync(folder, { recursive: true });
    const gatehouse = join(import.meta.dir, "../../gatehouse");
    const child = Bun.spawn([gatehouse], {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", PORT: "0", GATEHOUSE_DATA: join(folder, "data") },
      stdout: "ignore",
      stderr: "pipe",
    });
    let printed = "";
    void (async () => {
      for await (const chunk of child.stderr) printed += new TextDecoder().decode(chunk);
    })();
    await waitUntil(() => printed.includes("Try it:"), 10_000);
    expect(printed).toContain("listens on http://127.0.0.1:");
    child.kill("SIGINT");
    expect(await child.exited).toBe(0);
  });
});

/** A port on which somebody else listens. */
async function takenPort(): Promise<{ readonly number: number; free(): void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
  return { number: address.port, free: () => server.close() };
}
