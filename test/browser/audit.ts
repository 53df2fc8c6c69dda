import type { Page } from 'playwright-core';

/** What a screen reader or weak eyes would stumble over on the page as it stands: a line for each, none when all is well. */
export function auditPage(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const problems: string[] = [];
    const each = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
    const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const shortly = (element: Element) => element.outerHTML.slice(0, 100);
    const idsIn = (element: Element, attribute: string) => element.getAttribute(attribute)?.split(/\s+/) ?? [];

    const nameOf = (element: HTMLElement) =>
      [
        element.getAttribute('aria-label'),
        ...idsIn(element, 'aria-labelledby').map((id) => document.getElementById(id)?.textContent),
        ...('labels' in element ? [...((element.labels as NodeListOf<HTMLElement> | null) ?? [])] : []).map(
          (label) => label.textContent,
        ),
        element.textContent,
        element.title,
      ].find((name) => name !== null && name !== undefined && name.trim() !== '');
    for (const element of each('button, a[href], input, select, textarea, [role], dialog, nav, aside')) {
      if (element.getAttribute('role') === 'alert' || element.getAttribute('role') === 'status') continue;
      if (isShown(element) && nameOf(element) === undefined) problems.push(`no name: ${shortly(element)}`);
    }
    for (const image of each('img:not([alt])')) problems.push(`no alt text: ${shortly(image)}`);
    for (const attribute of ['aria-controls', 'aria-labelledby', 'aria-describedby', 'aria-activedescendant']) {
      for (const element of each(`[${attribute}]`)) {
        const missing = idsIn(element, attribute).filter((id) => document.getElementById(id) === null);
        if (missing.length > 0) problems.push(`${attribute} names nothing: ${shortly(element)}`);
      }
    }
    for (const element of each(':is(button, a) :is(button, a)')) problems.push(`one in another: ${shortly(element)}`);
    for (const element of each(':is(ul, ol) > :not(li)')) problems.push(`no list item: ${shortly(element)}`);
    for (const element of each('button, input[type=text], select')) {
      const { width, height } = element.getBoundingClientRect();
      if (isShown(element) && (width < 24 || height < 20)) problems.push(`too small: ${shortly(element)}`);
    }

    const numbers = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (color: number[]) => {
      const [red = 0, green = 0, blue = 0] = color.map((part) => {
        const share = part / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element: Element | null): number[] => {
      if (element === null) return [255, 255, 255];
      const [red = 0, green = 0, blue = 0, alpha = 1] = numbers(getComputedStyle(element).backgroundColor);
      return alpha > 0.99 ? [red, green, blue] : behind(element.parentElement);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const element = node.parentElement;
      if (!element || !node.textContent?.trim() || !isShown(element) || element.closest('[disabled]')) continue;
      const style = getComputedStyle(element);
      const [one, other] = [luminance(numbers(style.color).slice(0, 3)), luminance(behind(element))];
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      const isLarge = Number.parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700;
      if (contrast < (isLarge ? 3 : 4.5)) problems.push(`contrast ${contrast.toFixed(2)}: ${node.textContent.trim()}`);
    }
    return [...new Set(problems)];
  });
}
