// Runs before the first paint, so that no page flashes in the wrong colours or language. No module: those come later.
(function () {
  var root = document.documentElement;
  var theme = null, language = null;
  try {
    theme = localStorage.getItem('gridpost.theme');
    language = localStorage.getItem('gridpost.language');
  } catch (error) {
    theme = null;
  }
  if (theme === 'light' || theme === 'dark')
    root.dataset.theme = theme;
  if (language !== 'zh' && language !== 'en') {
    var wanted = (navigator.languages || [navigator.language || 'zh']).find(function (one) {
      return /^(zh|en)\b/i.test(one);
    });
    language = wanted && /^en/i.test(wanted) ? 'en' : 'zh';
  }
  root.lang = language === 'en' ? 'en' : 'zh-CN';
})();
