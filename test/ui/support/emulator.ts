/** A terminal as far as Ink needs one: what stands on the screen after all that was written to it. Wide characters are beyond it. */

const TOKENS = /\u001B\[([?\d;]*)([A-Za-z])|\r|\n|[^\u001B]/gu;

export class Emulator {
  readonly #columns: number;
  #screen: string[][];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#screen = Array.from({ length: rows }, () => this.#blank());
  }

  write(text: string): void {
    for (const [token, parameters = '', command = ''] of text.matchAll(TOKENS)) {
      if (command !== '') this.#obey(command, parameters);
      else if (token === '\r') this.#column = 0;
      else if (token === '\n') this.#nextLine(1);
      else this.#print(token);
    }
  }

  /** The rows as one reads them, without blanks at their ends. */
  rows(): readonly string[] {
    return this.#screen.map((cells) => cells.join('').trimEnd());
  }

  #blank(): string[] {
    return Array.from({ length: this.#columns }, () => ' ');
  }

  #print(character: string): void {
    const cells = this.#screen[this.#row];
    if (cells === undefined || this.#column >= this.#columns) throw new Error(`"${character}" was written beside the screen, at ${this.#row}, ${this.#column}.`);
    cells[this.#column] = character;
    this.#column += 1;
  }

  #nextLine(lines: number): void {
    this.#row += lines;
    this.#column = 0;
    while (this.#row >= this.#screen.length) {
      this.#screen = [...this.#screen.slice(1), this.#blank()];
      this.#row -= 1;
    }
  }

  #obey(command: string, parameters: string): void {
    const count = Number(parameters === '' ? 1 : parameters);
    switch (command) {
      case 'A':
        this.#row = Math.max(0, this.#row - count);
        return;
      case 'E':
        this.#nextLine(count);
        return;
      case 'G':
        this.#column = count - 1;
        return;
      case 'H':
        [this.#row, this.#column] = [0, 0];
        return;
      case 'K':
        this.#screen[this.#row]?.splice(parameters === '2' ? 0 : this.#column, this.#columns, ...this.#blank().slice(parameters === '2' ? 0 : this.#column));
        return;
      case 'J':
        for (let row = this.#row; row < this.#screen.length; row += 1) this.#screen[row] = this.#blank();
        return;
      // Colours and modes stand nowhere on the screen; anything else would be news.
      case 'm':
      case 'h':
      case 'l':
        return;
      default:
        throw new Error(`The test's terminal does not know CSI ${parameters}${command}.`);
    }
  }
}
