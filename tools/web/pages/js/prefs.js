// What this browser remembers: language, theme, last filters. Nothing breaks where it may not remember.

export function recall(key) {
  try {
    return localStorage.getItem(`gridpost.${key}`);
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    if (value === null)
      localStorage.removeItem(`gridpost.${key}`);
    else
      localStorage.setItem(`gridpost.${key}`, value);
  } catch {
    // a private window: the choice holds for this page
  }
}
