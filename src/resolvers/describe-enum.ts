import { registerEnumType } from 'type-graphql';

/**
 * Registers an enum of the graph whose values are the same words everywhere.
 *
 * @param values - each value with its description; the type asks for all of them
 * @returns what a field's type function answers
 */
export function describeEnum<Value extends string>(
  name: string,
  description: string,
  values: Record<Value, string>,
): Record<Value, Value> {
  const words = Object.keys(values) as Value[];
  const members = Object.fromEntries(words.map((word) => [word, word])) as Record<Value, Value>;
  registerEnumType(members, {
    name,
    description,
    valuesConfig: Object.fromEntries(words.map((word) => [word, { description: values[word] }])) as Record<
      Value,
      { description: string }
    >,
  });
  return members;
}
