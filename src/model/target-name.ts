/** A model's name as clients and people see it. */
export function targetName(provider: string, model: string): string {
  return `${provider}/${model}`;
}
