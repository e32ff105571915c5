/* Keeps "4 of 12 places left" fresh while a guest's page is open. The page is whole without it. */
(() => {
  const spots = document.querySelectorAll("[data-places]");
  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(`${location.pathname}/places${location.search}`);
      if (!answer.ok) return;
      const words = await answer.json();
      for (const spot of spots) {
        const now = words[spot.dataset.places];
        if (now && now !== spot.textContent) spot.textContent = now;
      }
    } catch { /* no network: what stands there stays */ }
  };
  if (!spots.length) return;
  setInterval(refresh, 30000);
  document.addEventListener("visibilitychange", refresh);
})();
