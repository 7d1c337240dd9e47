import { expect, test } from "bun:test";
import { nanoDollars } from "../../src/model/money.ts";
import { STRATEGIES } from "../../src/model/route-settings.ts";
import type { Target } from "../../src/model/snapshot.ts";
import { explainRoute } from "../../src/routing/explain.ts";
import { seeded } from "./seeded.ts";
import { type Behaviour, failureOf, policyOfShop, Simulation, simulatedRoute } from "./simulation.ts";

const STATES = 1000;
const ERRORS = ["server", "rate_limit", "auth", "network", "caller"] as const;

test("explain predicts the real choice in 1,000 random states, all of them, and changes nothing", () => {
  const random = seeded(42);
  const pick = <Value>(values: readonly Value[]): Value =>
    values[Math.floor(random() * values.length)] as Value;
  for (let state = 0; state < STATES; state++) {
    const simulation = new Simulation(state);
    const count = 1 + Math.floor(random() * 6);
    const targets = Array.from({ length: count }, (_, place) => ({
      name: `p${place}/m`,
      weight: 1 + Math.floor(random() * 5),
      tier: random() < 0.3 ? 1 : 0,
      ...(random() < 0.3 ? { keys: ["1", "2"] } : {}),
      ...(random() < 0.3 ? { region: pick(["eu", "us"]) } : {}),
      ...(random() < 0.3 ? { lacks: ["tools"] } : {}),
    }));
    const route = simulatedRoute(targets, [{ strategy: pick(STRATEGIES) }, { strategy: pick(STRATEGIES) }]);
    const failing = new Map(targets.map(({ name }) => [name, random() < 0.4 ? pick(ERRORS) : undefined]));
    const behave = (name: string): Behaviour => {
      const errorClass = failing.get(name.split("@")[0] ?? "");
      const totalMs = 5 + 100 * random();
      return { totalMs, ...(errorClass === undefined ? {} : { failure: failureOf(errorClass, 3000) }) };
    };
    const calls = Math.floor(random() * 60);
    const facts = () => ({ conversation: `talk ${Math.floor(random() * 5)}`, endUser: pick(["a", "b"]) });
    simulation.run(route, { calls, everyMs: 20, facts }, behave);

    const own = {
      ...facts(),
      ...(random() < 0.3 ? { policies: [policyOfShop({ regions: ["eu"] })] } : {}),
      ...(random() < 0.3 ? { needs: new Set(["tools"] as const) } : {}),
      cost: ({ name }: Target) => nanoDollars(name.charCodeAt(1) * 10),
    };
    const request = simulation.request(route, own, `req_${state}`);
    const explained = [explainRoute(request, simulation.state), explainRoute(request, simulation.state)];
    expect(explained[0]).toEqual(explained[1]);
    const choice = simulation.plan(request).first();
    expect(explained[0]?.first?.target).toBe(choice?.target.name);
    expect(explained[0]?.first?.credential).toBe(choice?.target.upstream.credentialName);
    expect(explained[0]?.targets.map(({ target }) => target).toSorted()).toEqual(
      targets.map(({ name }) => name).toSorted(),
    );
  }
});
