import type { Route, Snapshot } from "../../model/snapshot.ts";

/** The routes, for people, one line each. */
export function routeLines(snapshot: Snapshot): string[] {
  const routes = [...snapshot.routes.values()].map((route) => `${route.alias}  ${routeWords(route)}`);
  return [...routes, `(no model named)  ${snapshot.defaultModel ?? "refused"}`];
}

function routeWords(route: Route): string {
  const { arms, settings, shadow } = route;
  return [
    arms === undefined || arms.rollback !== undefined ? tierWords(route) : experimentWords(arms),
    ...(arms?.rollback === undefined ? [] : [canaryWords(arms)]),
    ...(shadow === undefined ? [] : [shadowWords(shadow)]),
    ...(settings.hedge === undefined ? [] : [`hedged, at most ${settings.hedge.percent} %`]),
  ].join("; ");
}

function tierWords({ tiers, targets }: Route): string {
  return tiers
    .map(({ strategy, when }, tier) => {
      const share = (weight: number) => (strategy === "weighted" ? ` x${weight}` : "");
      const members = targets.filter((member) => member.tier === tier);
      const names = members.map(({ target, weight }) => target.name + share(weight)).join(", ");
      return `${strategy}${when === undefined ? "" : " (on a condition)"}: ${names}`;
    })
    .join("; then ");
}

function canaryWords({ arms }: NonNullable<Route["arms"]>): string {
  const canary = arms[1];
  return `canary ${canary?.weight} %: ${canary?.route.targets[0]?.target.name}`;
}

function shadowWords({ share, route }: NonNullable<Route["shadow"]>): string {
  return `shadow ${Number((share * 100).toPrecision(6))} %: ${route.targets[0]?.target.name}`;
}

function experimentWords({ name, arms }: NonNullable<Route["arms"]>): string {
  const ways = arms.map(({ weight, route }) => `${route.arm} x${weight} (${tierWords(route)})`);
  return `experiment ${name}: ${ways.join(", ")}`;
}
