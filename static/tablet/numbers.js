// Record numbers and unit links come from what was leased to this tablet, so that paper numbered offline stays valid.

/** The leased numbers that nobody on this tablet has used. */
export const unusedNumbers = (leased, used) => leased.filter((number) => !used.includes(number));

/** The leased links that were not handed over yet. */
export const unusedLinks = (leased, used) => leased.filter((link) => !used.includes(link.token_hash));

/** Leased links put together with newly leased ones: a token is given once and must not be lost. */
export function withNewLinks(held, given) {
  const known = new Set(held.map((link) => link.token_hash));
  return [...held, ...given.filter((link) => !known.has(link.token_hash))];
}
