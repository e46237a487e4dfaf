/** A text in the forms that `Intl.PluralRules` knows of the language; `{count}` is what chooses the form. */
export type Plural = { readonly other: string } & { readonly [Form in Intl.LDMLPluralRule]?: string };

/** A text in which `{name}` stands for a value. */
export type Message = string | Plural;

type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** The names of the values that a message wants. */
export type NamesOf<M extends Message> = M extends string ? NamesIn<M> : M extends Plural ? 'count' | NamesIn<M['other']> : never;

/** The message with its values; numbers are written as the language does. */
export function fill(message: Message, values: Readonly<Record<string, string | number>>, language: string): string {
  const text = typeof message === 'string' ? message : formOf(message, Number(values['count']), language);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value;
  });
}

function formOf(message: Plural, count: number, language: string): string {
  return message[new Intl.PluralRules(language).select(count)] ?? message.other;
}
