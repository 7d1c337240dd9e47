import { describe, expect, test } from "bun:test";
import type { GatewayError } from "../../src/model/gateway-error.ts";
import type { Route, Snapshot, Upstream } from "../../src/model/snapshot.ts";
import { resolve } from "../../src/routing/resolve.ts";
import { targetOf } from "../../src/routing/target.ts";
import { USUAL_SETTINGS, USUAL_TIER } from "../../src/routing/usual-settings.ts";

const one = upstream("one", ["chat"]);
const two = upstream("two", ["chat"]);
const pictures = upstream("pictures", ["embedding"]);

const snapshot = {
  upstreams: new Map([one, two, pictures].map((each) => [each.provider, each])),
  routes: new Map<string, Route>([
    ["fast", route("fast", [target(two, "small"), target(one, "small")])],
    ["one/alias", route("one/alias", [target(two, "big")])],
    ["mixed", route("mixed", [target(pictures, "p"), target(one, "m")])],
    ["painted", route("painted", [target(pictures, "p")])],
  ]),
  translation: "warn",
  providersByModel: new Map([
    ["unique", ["two"]],
    ["shared", ["one", "two"]],
    ["ghost", ["gone"]],
    ["vendor/unique", ["one"]],
  ]),
  defaultModels: new Map([["one", "usual"]]),
  defaultModel: "fast",
} as unknown as Snapshot;

describe("what a model's name stands for", () => {
  test.each([
    ["fast", ["two/small", "one/small"], "an alias"],
    ["one/alias", ["two/big"], "an alias goes before provider/model"],
    ["one/whatever", ["one/whatever"], "provider/model, known or not"],
    ["one/vendor/model", ["one/vendor/model"], "a model's own name may hold slashes"],
    ["one/", ["one/usual"], "the provider alone: its default model"],
    ["unique", ["two/unique"], "a bare name that one provider serves"],
    ["vendor/unique", ["one/vendor/unique"], "also one with a slash, where its first part is no provider"],
    ["", ["two/small", "one/small"], "nothing: the default"],
    ["mixed", ["one/m"], "targets that can't do the operation are left out"],
  ])("%p is %p (%s)", (name, targets) => {
    expect(namesOf(resolve(snapshot, name, "chat"))).toEqual(targets);
  });

  test("what is left of a route is the same object each time: what is kept of routes goes by it", () => {
    expect(resolve(snapshot, "mixed", "chat")).toBe(resolve(snapshot, "mixed", "chat"));
    expect(resolve(snapshot, "fast", "chat")).toBe(resolve(snapshot, "fast", "count-tokens"));
  });

  test.each([
    ["nothing-like-it", "unknown_model", "one, two, pictures"],
    ["nobody/x", "unknown_model", "Name it `provider/model`"],
    ["two/", "unknown_model", "providers.two.default_model"],
    ["ghost", "unknown_model", "provider/model"],
    ["shared", "ambiguous_model", '"one/shared" or "two/shared"'],
    ["painted", "unknown_model", ""],
    ["pictures/p", "unknown_model", ""],
    ["__proto__", "unknown_model", ""],
    ["constructor", "unknown_model", ""],
    ["ONE/x", "unknown_model", ""],
    [" one/x", "unknown_model", ""],
    ["/x", "unknown_model", ""],
    ["/", "unknown_model", ""],
    ["one/.", "unknown_model", ""],
    ["one/..", "unknown_model", ""],
  ])("%p is refused as %s", (name, code, mend) => {
    const error = refusalOf(() => resolve(snapshot, name, "chat"));
    expect([error.code as string, error.status]).toEqual([code, 404]);
    expect(error.mend).toContain(mend);
  });

  test("a name of any length is refused without repeating it", () => {
    expect(namesOf(resolve(snapshot, `one/${"x".repeat(508)}`, "chat"))).toHaveLength(1);
    for (const name of [`one/${"x".repeat(509)}`, "y".repeat(5_000_000)]) {
      const error = refusalOf(() => resolve(snapshot, name, "chat"));
      expect([error.code, error.field, error.status]).toEqual(["unknown_model", "model", 404]);
      expect(error.message.length + error.mend.length).toBeLessThan(300);
    }
  });

  test("without a default, naming nothing is refused with a mend", () => {
    const { defaultModel: _, ...without } = snapshot;
    const error = refusalOf(() => resolve(without as Snapshot, "", "chat"));
    expect([error.code, error.field]).toEqual(["unknown_model", "model"]);
    expect(error.mend).toContain("default_model");
  });
});

function upstream(provider: string, operations: readonly string[]): Upstream {
  const url = `http://${provider}.invalid`;
  const endpoints = operations.map((operation) => ({
    operation,
    dialect: "openai-chat",
    url,
    streamUrl: url,
  }));
  return { provider, endpoints, quirks: [] } as unknown as Upstream;
}

function target(of: Upstream, model: string): Route["targets"][number] {
  return { target: targetOf(of, model), weight: 1, tier: 0 };
}

function route(alias: string, targets: Route["targets"]): Route {
  return { alias, translation: "warn", tiers: [USUAL_TIER], targets, settings: USUAL_SETTINGS };
}

function namesOf({ targets }: Route): string[] {
  return targets.map(({ target: { name } }) => name);
}

function refusalOf(work: () => unknown): GatewayError {
  try {
    work();
  } catch (thrown) {
    return thrown as GatewayError;
  }
  throw new Error("was not refused");
}
