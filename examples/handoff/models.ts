import { cannedModel } from "../support/canned-model.js";

/** Greets, knows about returns, and leaves prices to the sales desk. */
export const reception = cannedModel((said) =>
  said.some((text) => /return/i.test(text))
    ? "You can return anything within 30 days, as long as it hasn't gone off."
    : /cost|price/i.test(said[0] ?? "")
      ? { call: "transfer", input: { to: "sales" } }
      : "Welcome to Acme! Ask me about prices or returns.",
);

const prices: readonly (readonly [about: RegExp, answer: string])[] = [
  [/rocket/i, "Rocket skates are 149 dollars a pair, fuel not included."],
  [/anvil/i, "Anvils are 39 dollars and up, depending on how far they are to fall."],
];

/** Knows the prices, and leaves all else to the reception. What was asked before it took over is its business too. */
export const sales = cannedModel(([last = "", before = ""]) => {
  const question = last.startsWith("You took over") ? before : last;
  return prices.find(([about]) => about.test(question))?.[1] ?? { call: "transfer", input: { to: "reception" } };
});
