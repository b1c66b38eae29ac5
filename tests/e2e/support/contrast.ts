/** The contrast of all texts of an element with an open shadow, as WCAG counts it. */
import type { Page } from "playwright-core";
import { expressionOf } from "./expression.ts";

export interface Contrast {
  readonly text: string;
  readonly ratio: number;
}

export function contrasts(page: Page, selector: string): Promise<Contrast[]> {
  const read = (selector: string): Contrast[] => {
    const painted = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    if (painted === null) throw new Error("there is no canvas");

    /** The browser knows how to write any colour as four numbers: it paints it. */
    const rgba = (color: string, under: string): number[] => {
      painted.fillStyle = under;
      painted.fillRect(0, 0, 1, 1);
      painted.fillStyle = color;
      painted.fillRect(0, 0, 1, 1);
      return [...painted.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (color: number[]): number => {
      const [red = 0, green = 0, blue = 0] = color.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const background = (element: Element): string => {
      for (let at: Element | null = element; at !== null; at = at.parentElement) {
        const color = getComputedStyle(at).backgroundColor;
        if (!/^rgba\(.*, 0\)$|transparent/.test(color)) return color;
      }
      return "#fff";
    };
    const root = document.querySelector(selector)?.shadowRoot;
    const shown = [...(root?.querySelectorAll("*") ?? [])].filter((element) => {
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
      return hasText && element.checkVisibility();
    });
    return shown.map((element) => {
      const behind = background(element);
      const pair = [rgba(getComputedStyle(element).color, behind), rgba(behind, "#fff")].map(luminance).sort((a, b) => b - a);
      const ratio = ((pair[0] ?? 0) + 0.05) / ((pair[1] ?? 0) + 0.05);
      return { text: element.textContent?.trim() ?? "", ratio: Math.round(ratio * 100) / 100 };
    });
  };
  return page.evaluate(expressionOf(read, [selector]));
}
