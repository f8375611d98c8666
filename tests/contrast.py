"""Whether text stands out from what is behind it, as a browser draws it."""

CONTRAST = """(() => {
  const box = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = text => { box.clearRect(0, 0, 1, 1); box.fillStyle = text; box.fillRect(0, 0, 1, 1);
    return [...box.getImageData(0, 0, 1, 1).data]; };
  const over = (top, under) => top.slice(0, 3).map((c, i) =>
    c * top[3] / 255 + under[i] * (1 - top[3] / 255)).concat(255);
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => v / 255).map(v =>
    v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = e => { const stack = []; for (let n = e; n; n = n.parentElement)
    stack.unshift(rgba(getComputedStyle(n).backgroundColor));
    return stack.reduce((under, top) => over(top, under), [255, 255, 255, 255]); };
  const found = [];
  let count = 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.checkVisibility() || e.closest('.vh, .skip, title'))
      continue;
    const style = getComputedStyle(e), under = behind(e);
    const ink = over(rgba(e.closest('svg') ? style.fill : style.color), under);
    const [a, b] = [light(ink), light(under)].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 ||
      (parseFloat(style.fontSize) >= 18.66 && parseInt(style.fontWeight) >= 700);
    count += 1;
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5))
      found.push([((a + 0.05) / (b + 0.05)).toFixed(2), e.className, e.textContent.slice(0, 40)]);
  }
  return [count, found];
})()"""
"""Contrast of all visible text with what is behind it: WCAG 2.2, 1.4.3."""
