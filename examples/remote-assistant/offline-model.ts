import { cannedModel } from "../support/canned-model.js";

const answers: readonly (readonly [about: RegExp, answer: string])[] = [
  [/hello|\bhi\b|greet/i, "Welcome to Acme! I'm the shop's assistant. What can I do for you?"],
  // Before the products: a question about returning one of them is about returns.
  [/return|refund/i, "You can return anything within 30 days, as long as it hasn't gone off."],
  [/rocket/i, "Our rocket skates are 149 dollars a pair, fuel not included. Please don't use them near cliffs."],
  [/anvil/i, "Anvils come in 10, 50 and 500 kilograms, from 39 dollars. The largest one ships by freight."],
  [/hole/i, "The portable hole is 89 dollars. Once applied to a wall it can't be returned."],
  [/order|deliver|ship/i, "Orders leave our warehouse the same day and take two to three days in the desert."],
  [/hour|open/i, "The shop is open from nine to five, every day but Friday the 13th."],
  [/thank|bye/i, "You're welcome. Mind the anvils on your way out!"],
];

/** Answers customers of the Acme shop where there is no other language model. */
export const offlineModel = cannedModel(
  ([question = ""]) =>
    answers.find(([about]) => about.test(question))?.[1] ??
    "I only know about rockets, anvils, portable holes, orders, returns and our opening hours.",
);
