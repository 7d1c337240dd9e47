import { describe, expect, test } from "bun:test";
import type { GatewayError } from "../../src/model/gateway-error.ts";
import type { Route, Snapshot, StrategyId, Upstream } from "../../src/model/snapshot.ts";
import { plan } from "../../src/routing/plan.ts";
import { resolve } from "../../src/routing/resolve.ts";
import { targetOf } from "../../src/routing/target.ts";

const one = upstream("one", ["chat"]);
const two = upstream("two", ["chat"]);
const pictures = upstream("pictures", ["embedding"]);

const snapshot = {
  upstreams: new Map([one, two, pictures].map((each) => [each.provider, each])),
  routes: new Map<string, Route>([
    ["fast", route("fast", "priority", [target(two, "small"), target(one, "small")])],
    ["one/alias", route("one/alias", "priority", [target(two, "big")])],
    ["mixed", route("mixed", "priority", [target(pictures, "p"), target(one, "m")])],
    ["painted", route("painted", "priority", [target(pictures, "p")])],
  ]),
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

describe("the order of targets", () => {
  const targets = [target(one, "a", 1), target(one, "b", 2), target(two, "c", 7)];

  test("priority: as written, whatever chance says", () => {
    for (const chance of [0, 0.5, 0.999]) {
      const order = [...plan(route("r", "priority", targets), () => chance)].map(({ name }) => name);
      expect(order).toEqual(["one/a", "one/b", "two/c"]);
    }
  });

  test("weighted: the first is drawn in proportion to the weights, within 1 % over 100,000 draws", () => {
    const random = generator(7);
    const first = new Map<string, number>();
    const second = new Map<string, number>();
    const draws = 100_000;
    for (let draw = 0; draw < draws; draw++) {
      const [winner, runnerUp] = plan(route("r", "weighted", targets), random);
      count(first, winner?.name);
      if (winner?.name === "two/c") count(second, runnerUp?.name);
    }
    for (const [name, share] of [
      ["one/a", 0.1],
      ["one/b", 0.2],
      ["two/c", 0.7],
    ] as const) {
      expect(Math.abs((first.get(name) ?? 0) / draws - share)).toBeLessThan(0.01);
    }
    // Among those that are left: 1 to 2.
    expect(Math.abs((second.get("one/a") ?? 0) / (first.get("two/c") ?? 1) - 1 / 3)).toBeLessThan(0.01);
  });

  test("weighted: each target exactly once, at the edges of chance too", () => {
    for (const chance of [0, Number.MIN_VALUE, 0.1, 0.3, 0.9999999999999999]) {
      const order = [...plan(route("r", "weighted", targets), () => chance)].map(({ name }) => name);
      expect(order.toSorted()).toEqual(["one/a", "one/b", "two/c"]);
    }
    const random = generator(3);
    for (let round = 0; round < 1000; round++) {
      const order = [...plan(route("r", "weighted", targets), random)];
      expect(new Set(order).size).toBe(3);
      expect(order).toHaveLength(3);
    }
  });

  test("weighted: a target without weight comes last", () => {
    const silent = [target(one, "never", 0), target(one, "always", 1)];
    const random = generator(5);
    for (let round = 0; round < 1000; round++) {
      expect([...plan(route("r", "weighted", silent), random)].map(({ model }) => model)).toEqual([
        "always",
        "never",
      ]);
    }
  });

  test("is worked out only as far as it is asked for", () => {
    let drawn = 0;
    const [first] = plan(route("r", "weighted", targets), () => {
      drawn++;
      return 0;
    });
    expect([first?.name, drawn]).toEqual(["one/a", 1]);
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

function target(of: Upstream, model: string, weight = 1): Route["targets"][number] {
  return { target: targetOf(of, model), weight };
}

function route(alias: string, strategy: StrategyId, targets: Route["targets"]): Route {
  return { alias, strategy, translation: "warn", targets };
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

function count(counts: Map<string, number>, name = ""): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** The same numbers for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
