/** A model's name as clients and people see it. */
export function targetName(provider: string, model: string): string {
  return `${provider}/${model}`;
}

/** Whether a name is a target's: it has a slash, and the alias of a route has none. */
export function isTargetName(name: string): boolean {
  return name.includes("/");
}
