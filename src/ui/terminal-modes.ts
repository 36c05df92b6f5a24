/**
 * Which of a terminal's private modes (the other screen, the hidden cursor, pasting in brackets) a view has turned over,
 * told from what it wrote, so that they can be turned back whatever became of the view.
 * https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, DECSET and DECRST.
 */

const SWITCHES = /\u001B\[\?([\d;]+)([hl])/gu;
/** Long lines wrap, and the cursor is seen; every other mode is off. */
const ON_AT_REST: ReadonlySet<string> = new Set(['7', '25']);

export class TerminalModes {
  /** In the order in which they were turned over. */
  readonly #turned = new Set<string>();

  /** This has been written to the terminal; sequences are whole in it. */
  note(text: string): void {
    for (const [, modes = '', to] of text.matchAll(SWITCHES)) {
      for (const mode of modes.split(';')) {
        if ((to === 'h') === ON_AT_REST.has(mode)) this.#turned.delete(mode);
        else this.#turned.add(mode);
      }
    }
  }

  /** What turns them back, the last first. */
  undo(): string {
    const turned = [...this.#turned].toReversed();
    this.#turned.clear();
    return turned.map((mode) => `\u001B[?${mode}${ON_AT_REST.has(mode) ? 'h' : 'l'}`).join('');
  }
}
