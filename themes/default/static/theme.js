// Runs before the first paint: a theme that this reader chose.
(() => {
  try {
    const theme = localStorage.getItem("guildhall:theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch { /* storage is off: the system's theme stands */ }
  document.documentElement.classList.add("js");
})();
