/** Tells whether a model, by provider and name, is one of those asked for. */
export type ModelFilter = (model: { readonly provider: string; readonly model: string }) => boolean;

/**
 * The filter for a part of a model's name in which `*` stands for anything, and for one provider. Split at the stars and
 * looked for piece by piece: no expression is built from what was typed.
 */
export function modelFilter(pattern: string | undefined, only: string | undefined): ModelFilter {
  const pieces = (pattern ?? "").toLowerCase().split("*");
  return ({ provider, model }) => {
    if (only !== undefined && provider !== only) return false;
    const name = `${provider}/${model}`.toLowerCase();
    let from = 0;
    for (const piece of pieces) {
      const at = name.indexOf(piece, from);
      if (at < 0) return false;
      from = at + piece.length;
    }
    return true;
  };
}
