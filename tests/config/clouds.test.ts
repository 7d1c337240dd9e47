import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { compileSnapshot } from "../../src/assembly/compile/compile-snapshot.ts";
import { describeSettings } from "../../src/assembly/configuration/describe-settings.ts";
import { loadSettings, type SettingsResult } from "../../src/assembly/configuration/load-settings.ts";
import { printProblems } from "../../src/config/print-problems.ts";
import { dialects } from "../../src/dialects/index.ts";
import type { Upstream } from "../../src/model/snapshot.ts";
import { providers } from "../../src/providers/catalog.ts";
import { targetOf } from "../../src/routing/target.ts";

/*
 * Providers whose address has parts that are the operator's own, and whose credentials have several parts: the real
 * ones, as they are built in.
 */

const AWS = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "HIDDEN-aws" };
const ACCOUNT = JSON.stringify({
  type: "service_account",
  client_email: "gate@p.iam.gserviceaccount.com",
  private_key: "-----BEGIN PRIVATE KEY-----\nHIDDEN\n-----END PRIVATE KEY-----\n",
});

interface World {
  readonly text?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

function load({ text, environment = {}, files = {} }: World): SettingsResult {
  const all = new Map(Object.entries(files).map(([path, content]) => [resolve("/case", path), content]));
  if (text !== undefined) all.set("/case/gatehouse.yaml", text);
  const readFile = (path: string): string => {
    const content = all.get(path);
    if (content === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    return content;
  };
  return loadSettings({ environment, catalog: providers, dialects, readFile, folder: "/case" });
}

/** What `config check` says of the providers, the demo left out. */
function checked(world: World): string {
  const result = load(world);
  if ("problems" in result) return printProblems(result.problems);
  const snapshot = compileSnapshot({ settings: result.settings, dialects, modelsOf: () => [] });
  const described = describeSettings(result.settings, snapshot);
  expect(described).not.toContain("HIDDEN");
  const lines = described.split("\n").filter((line) => /^ {2}(bedrock|vertex|azure|cohere)/.test(line));
  return lines.map((line) => line.trim()).join("\n");
}

/** The problems as `path: message`, with all of the mends seen to hold no secret. */
function problemsOf(world: World): readonly string[] {
  const result = load(world);
  if (!("problems" in result)) throw new Error("nothing is wrong");
  expect(printProblems(result.problems)).not.toContain("HIDDEN");
  return result.problems.map(({ path, message }) => `${path}: ${message}`);
}

function upstreamOf(id: string, world: World): Upstream {
  const result = load(world);
  if ("problems" in result) throw new Error(printProblems(result.problems));
  const upstream = compileSnapshot({ settings: result.settings, dialects, modelsOf: () => [] }).upstreams.get(
    id,
  );
  if (upstream === undefined) throw new Error(`${id} is not served`);
  return upstream;
}

describe("found by what the environment holds", () => {
  test("a key and its region", () => {
    expect(checked({ environment: { AWS_BEARER_TOKEN_BEDROCK: "HIDDEN", AWS_REGION: "eu-west-1" } })).toBe(
      "bedrock  https://bedrock-runtime.eu-west-1.amazonaws.com  (found by its variable; key from AWS_BEARER_TOKEN_BEDROCK, models not listed)",
    );
  });

  test("credentials of several parts, by name and not by value", () => {
    expect(
      checked({ environment: { ...AWS, AWS_SESSION_TOKEN: "HIDDEN", AWS_DEFAULT_REGION: "cn-north-1" } }),
    ).toBe(
      "bedrock  https://bedrock-runtime.cn-north-1.amazonaws.com.cn  (found by its variable; key from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, models not listed)",
    );
  });

  test("a role, as AWS's containers have it in their environment; written keys go before it", () => {
    const found = (environment: Record<string, string>) =>
      /key from ([^)]*), models/.exec(
        checked({ environment: { AWS_REGION: "eu-west-1", ...environment } }),
      )?.[1];
    const task = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/1" };
    const pod = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/var/run/token",
    };
    const identity = {
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/gate",
      AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/identity",
    };
    for (const environment of [task, pod, identity])
      expect(found(environment)).toBe(Object.keys(environment).join(", "));
    expect(found({ ...pod, ...identity })).toBe(Object.keys(identity).join(", "));
    expect(found({ ...identity, ...AWS })).toBe("AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY");
    const written =
      "providers: { bedrock: { options: { region: eu-west-1 }, credentials: { role: instance } } }";
    expect(checked({ text: written, environment: AWS })).toContain("key written in the file");
    const wrong = written.replace("role: instance", "role: admin");
    expect(problemsOf({ text: wrong })).toEqual(["providers.bedrock.credentials.role: must be `instance`"]);
    const elsewhere = written.replace("role: instance", "container_url: 'http://10.0.0.1/'");
    expect(problemsOf({ text: elsewhere })).toEqual([
      "providers.bedrock.credentials.container_url: must be an https address, of this machine, or of AWS's containers",
    ]);
  });

  test("a file that a variable names", () => {
    const environment = {
      GOOGLE_APPLICATION_CREDENTIALS: "/keys/sa.json",
      GOOGLE_CLOUD_PROJECT: "my-project",
    };
    expect(checked({ environment, files: { "/keys/sa.json": ACCOUNT } })).toBe(
      "vertex  https://aiplatform.googleapis.com  (found by its variable; key from GOOGLE_APPLICATION_CREDENTIALS, models not listed)",
    );
  });

  test("not where a part or an option is missing, which was then set for something else", () => {
    for (const environment of [
      AWS,
      { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "x" },
      { AWS_BEARER_TOKEN_BEDROCK: "k", AWS_REGION: "not a region" },
      { GOOGLE_APPLICATION_CREDENTIALS: "/missing.json" },
      { AZURE_API_KEY: "k" },
      { AZURE_API_KEY: "k", AZURE_RESOURCE_NAME: "evil.com/x" },
    ])
      expect(checked({ environment })).toBe("");
  });

  test("what is meant and broken is told", () => {
    const project = { GOOGLE_CLOUD_PROJECT: "p" };
    expect(
      problemsOf({ environment: { ...project, GOOGLE_APPLICATION_CREDENTIALS: "/missing.json" } }),
    ).toEqual(["GOOGLE_APPLICATION_CREDENTIALS: names a file that can't be read (ENOENT)"]);
    expect(problemsOf({ environment: { ...project, GOOGLE_SERVICE_ACCOUNT_JSON: '{"HIDDEN":1}' } })).toEqual([
      "GOOGLE_SERVICE_ACCOUNT_JSON: must be of the type `service_account` or `authorized_user`",
    ]);
  });

  test("each of Azure's two APIs by its own options", () => {
    const key = { AZURE_OPENAI_API_KEY: "HIDDEN", AZURE_RESOURCE_NAME: "mine" };
    expect(checked({ environment: key })).toStartWith("azure  https://mine.openai.azure.com  (found by");
    expect(checked({ environment: { ...key, OPENAI_API_VERSION: "2024-10-21" } })).toContain(
      "azure-deployments  https://mine.openai.azure.com",
    );
  });
});

describe("written", () => {
  test("options go before variables, and addresses follow them", () => {
    const text = [
      "providers:",
      "  bedrock: { key: k-1, options: { region: us-east-1 } }",
      '  vertex: { credentials: { service_account: "file:sa.json" }, options: { project: p, location: europe-west4 } }',
      "  azure: { key: k-2, options: { resource: mine } }",
    ].join("\n");
    const world = { text, environment: { AWS_REGION: "eu-west-1" }, files: { "sa.json": ACCOUNT } };
    expect(checked(world)).toContain("https://bedrock-runtime.us-east-1.amazonaws.com");
    expect(upstreamOf("vertex", world).origin).toBe("https://europe-west4-aiplatform.googleapis.com");
    expect(upstreamOf("vertex", world).signer).toBeDefined();
    expect(upstreamOf("bedrock", world)).toMatchObject({
      credential: "k-1",
      headers: { authorization: "Bearer k-1" },
    });
    expect(upstreamOf("bedrock", world).signer).toBeUndefined();
    expect(upstreamOf("azure", world).headers).toMatchObject({ "api-key": "k-2" });
    expect(checked(world)).toContain(
      "vertex  https://europe-west4-aiplatform.googleapis.com  (written in the file; key from the file sa.json",
    );
  });

  test("the address of each place that Vertex AI has", () => {
    const at = (location: string) =>
      upstreamOf("vertex", {
        text: `providers: { vertex: { key: k, options: { project: p, location: ${location} } } }`,
      }).origin;
    expect(at("global")).toBe("https://aiplatform.googleapis.com");
    expect(at("us")).toBe("https://aiplatform.us.rep.googleapis.com");
    expect(at("eu")).toBe("https://aiplatform.eu.rep.googleapis.com");
    expect(at("us-central1")).toBe("https://us-central1-aiplatform.googleapis.com");
  });

  test("paths take options, a query of their own, and the model's name escaped", () => {
    const text =
      "providers: { azure-deployments: { key: k, options: { resource: r, api_version: 2024-10-21 } } }";
    const target = targetOf(upstreamOf("azure-deployments", { text }), "my gpt/4");
    expect(target.endpoints.chat?.[0]).toMatchObject({
      dialect: "openai-chat",
      url: "https://r.openai.azure.com/openai/deployments/my%20gpt%2F4/chat/completions?api-version=2024-10-21",
    });
    const arn = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc";
    const profile = targetOf(
      upstreamOf("bedrock", { text: "providers: { bedrock: { key: k, options: { region: eu-west-1 } } }" }),
      arn,
    );
    expect(profile.endpoints.chat).toEqual([
      {
        dialect: "bedrock-converse",
        url: `https://bedrock-runtime.eu-west-1.amazonaws.com/model/${encodeURIComponent(arn)}/converse`,
        streamUrl: `https://bedrock-runtime.eu-west-1.amazonaws.com/model/${encodeURIComponent(arn)}/converse-stream`,
      },
    ]);
  });

  test("what is missing is told with its variable, once each", () => {
    expect(problemsOf({ text: "providers: { bedrock: { key: k } }" })).toEqual([
      "providers.bedrock.options.region: is missing, and AWS_REGION or AWS_DEFAULT_REGION is unset or holds none",
    ]);
    expect(problemsOf({ text: "providers: { bedrock: { options: { region: eu-west-1 } } }" })).toEqual([
      "providers.bedrock.key: is missing, and AWS_BEARER_TOKEN_BEDROCK or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is unset or empty",
    ]);
    const part =
      "providers: { bedrock: { options: { region: eu-west-1 }, credentials: { access_key_id: a } } }";
    expect(problemsOf({ text: part })).toEqual([
      "providers.bedrock.credentials.secret_access_key: is missing, and AWS_SECRET_ACCESS_KEY is unset or empty",
    ]);
    expect(checked({ text: part, environment: { AWS_SECRET_ACCESS_KEY: "HIDDEN" } })).toContain("bedrock");
    const signed =
      "providers: { bedrock: { base_url: 'https://vpce.test', credentials: { access_key_id: a, secret_access_key: b } } }";
    expect(problemsOf({ text: signed })).toEqual([
      "providers.bedrock.options.region: is missing, and AWS_REGION or AWS_DEFAULT_REGION is unset or holds none",
    ]);
  });

  test("an option can't become another address", () => {
    for (const region of ["evil.com/", "x.evil", "a/b", "a@b", "a:1", "a?b", "a#b", "..", "-a", ""])
      expect(
        problemsOf({ text: `providers: { bedrock: { key: k, options: { region: "${region}" } } }` }),
      ).toHaveLength(1);
  });

  test("what there is none of, and what is too much", () => {
    const text = [
      "providers:",
      "  bedrock: { key: k, options: { region: eu-west-1, regoin: x }, credentials: { access_key_id: a } }",
      "  cohere: { key: k, options: { region: x }, credentials: { access_key_id: a } }",
      "  mine: { dialect: openai-chat, base_url: 'http://h/v1', options: { region: x }, credentials: { a: b } }",
      "  vertex: { options: { project: p }, credentials: { service_account: '[]', serviceaccount: x } }",
      "  azure: { key: k, base_url: 'https://h.test/{tenant}' }",
    ].join("\n");
    expect(problemsOf({ text })).toEqual([
      "providers.bedrock.options.regoin: is no option of bedrock",
      "providers.bedrock.credentials.access_key_id: is beside `key`, and one proof is enough",
      "providers.cohere.options.region: is no option of cohere",
      "providers.cohere.credentials.access_key_id: means nothing: Cohere takes a key",
      "providers.mine.options: means nothing for a provider that isn't built in",
      "providers.mine.credentials: means nothing for a provider that isn't built in",
      "providers.vertex.credentials.service_account: must be the JSON of a service account, or `metadata`",
      "providers.vertex.credentials.serviceaccount: is no part of these credentials",
      'providers.azure.base_url: has the placeholder {tenant}, which no option fills (found "https://h.test/{tenant}")',
    ]);
  });

  test("the usual credentials don't travel to another address unasked", () => {
    const elsewhere =
      "providers: { bedrock: { base_url: 'https://proxy.test', options: { region: eu-west-1 } } }";
    expect(problemsOf({ text: elsewhere, environment: AWS })).toEqual([
      "providers.bedrock.key: is missing: the usual one is for https://bedrock-runtime.eu-west-1.amazonaws.com, and base_url is elsewhere",
    ]);
    const own = "providers: { bedrock: { base_url: 'https://bedrock-runtime.{region}.amazonaws.com/x' } }";
    expect(
      upstreamOf("bedrock", { text: own, environment: { ...AWS, AWS_REGION: "eu-west-1" } }).endpoints[0]
        ?.url,
    ).toBe("https://bedrock-runtime.eu-west-1.amazonaws.com/x/model/{model}/converse");
  });

  test("a route may name one that is found, and is told what one lacks that is not", () => {
    const text = "routes: { r: { targets: [bedrock/m] } }";
    expect(problemsOf({ text, environment: AWS })).toEqual([
      'routes.r.targets[0]: names the provider bedrock, which lacks a key or an option (found "bedrock/m")',
    ]);
    expect(checked({ text, environment: { ...AWS, AWS_REGION: "eu-west-1" } })).toContain("bedrock");
  });

  test("credentials in the file itself are warned of", () => {
    const text =
      "providers: { bedrock: { options: { region: eu-west-1 }, credentials: { access_key_id: a, secret_access_key: HIDDEN } } }";
    const result = load({ text });
    if ("problems" in result) throw new Error(printProblems(result.problems));
    const snapshot = compileSnapshot({ settings: result.settings, dialects, modelsOf: () => [] });
    expect(describeSettings(result.settings, snapshot)).toContain(
      "providers.bedrock.credentials stand in the file itself",
    );
  });
});

test("the examples of docs/clouds.md load as they are", () => {
  const guide = readFileSync(join(import.meta.dir, "../../docs/clouds.md"), "utf8");
  const examples = [...guide.matchAll(/```yaml\n([^`]+)```/g)].map(([, text = ""]) => text);
  expect(examples).toHaveLength(4);
  const environment = { ...AWS, AZURE_OPENAI_API_KEY: "HIDDEN", BEDROCK_KEY: "HIDDEN" };
  for (const text of examples) {
    const result = load({ text, environment, files: { "service-account.json": ACCOUNT } });
    expect("problems" in result ? printProblems(result.problems) : "").toBe("");
  }
});

test("every provider speaks a dialect that there is, and a chat is asked for at its own address", () => {
  const options = {
    resource: "r",
    api_version: "2024-10-21",
    region: "eu-west-1",
    project: "p",
    location: "us-east5",
  };
  for (const { id, options: own = {}, local } of providers.values()) {
    if (local !== undefined) continue;
    const written = Object.entries(options).filter(([name]) => Object.hasOwn(own, name));
    const text = `providers: { ${id}: { key: k, options: { ${written.map(([name, value]) => `${name}: ${value}`).join(", ")} } } }`;
    const upstream = upstreamOf(id, { text });
    for (const { url, streamUrl } of upstream.endpoints) {
      for (const address of [url, streamUrl]) {
        expect(address).toStartWith(`${upstream.origin}/`);
        expect(address.replaceAll("{model}", "m")).not.toMatch(/[{}]/);
        expect(URL.canParse(address.replaceAll("{model}", "m"))).toBe(true);
      }
    }
  }
});
