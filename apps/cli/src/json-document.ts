/**
 * A JSON object that is written part by part: some fields first, then lists of rows. A row is a JSON text; a group is a row of a list that
 * has lists of its own. Nothing is written before the first row.
 */
export class JsonDocument {
  readonly #write: (text: string) => Promise<void>;
  readonly #head: object;
  #list: string | null = null;
  #groupOpen = false;
  #groupList: string | null = null;

  constructor(write: (text: string) => Promise<void>, head: object) {
    this.#write = write;
    this.#head = head;
  }

  get isEmpty(): boolean {
    return this.#list === null;
  }

  /** Adds a row to a list of the document; the rows of one list come together. */
  async add(list: string, json: string): Promise<void> {
    await this.#write(`${await this.#before(list)}${json}`);
  }

  /** Begins a row of a list, with one field. */
  async beginGroup(list: string, field: string, json: string): Promise<void> {
    await this.#write(`${await this.#before(list)}{${JSON.stringify(field)}: ${json}`);
    this.#groupOpen = true;
  }

  /** Adds a row to a list of the group that was begun last. */
  async addToGroup(list: string, json: string): Promise<void> {
    const begun = this.#groupList === list;
    const close = this.#groupList === null || begun ? '' : ']';
    this.#groupList = list;
    await this.#write(begun ? `,\n${json}` : `${close},\n${JSON.stringify(list)}: [\n${json}`);
  }

  async end(): Promise<void> {
    await this.#write(`${this.#groupEnd()}${this.#list === null ? '' : ']'}}\n`);
  }

  async #before(list: string): Promise<string> {
    const end = this.#groupEnd();
    const known = this.#list;
    this.#list = list;
    if (known === list) return `${end},\n`;
    const fields = known === null ? JSON.stringify(this.#head).slice(0, -1) : `${end}]`;
    return `${fields},\n${JSON.stringify(list)}: [\n`;
  }

  #groupEnd(): string {
    const end = `${this.#groupList === null ? '' : ']'}${this.#groupOpen ? '}' : ''}`;
    this.#groupOpen = false;
    this.#groupList = null;
    return end;
  }
}
