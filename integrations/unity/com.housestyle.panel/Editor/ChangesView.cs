using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using UnityEngine.UIElements;

namespace Housestyle
{
    /// <summary>
    /// What changed in the studio of the files that this project has, and the update.
    /// </summary>
    internal sealed class ChangesView : VisualElement
    {
        private sealed class Row
        {
            public string Path;
            public string Outcome;
            public Toggle Ticked;
        }

        private readonly Action<string> _say;
        private readonly Button _look;
        private readonly VisualElement _list = new();
        private readonly Button _update;
        private readonly List<Row> _rows = new();
        private Dictionary<string, Picture> _details = new();

        public ChangesView(Action<Func<Task>> run, Action<string> say)
        {
            _say = say;
            _look = new Button(() => run(Compare)) { text = "Look for changes" };
            Add(_look);
            Add(_list);
            _update = new Button(() => run(Update)) { text = "Update what changed" };
            _update.SetEnabled(false);
            Add(_update);
        }

        /// <summary>
        /// Ask the studio for every picture of the manifest, and list what is not as it was.
        /// </summary>
        private async Task Compare()
        {
            _rows.Clear();
            _list.Clear();
            _update.SetEnabled(false);
            _look.SetEnabled(false);
            try
            {
                var ids = Manifest.Read().Entries.Values.Select(one => one.Picture).Distinct().ToList();
                _say($"Asking for {ids.Count} pictures ...");
                _details = await Studio.DetailsOf(ids);
            }
            finally
            {
                _look.SetEnabled(true);
            }
            // Read anew: something may have been imported or moved meanwhile.
            var entries = Manifest.Read().Entries.Values.OrderBy(one => one.Path).ToList();
            foreach (var entry in entries)
            {
                var outcome = OutcomeOf(entry);
                if (outcome != "current")
                    AddRow(entry.Path, outcome);
            }
            _update.SetEnabled(_rows.Count > 0);
            _say($"{_rows.Count} of {entries.Count} files are not as they were.");
        }

        private string OutcomeOf(Entry entry)
        {
            if (!_details.TryGetValue(entry.Picture, out var details))
                return "current"; // it was imported after the studio was asked
            var there = Importing.HashThere(details, entry.Role);
            var approved = details?.Verdict == "approved";
            return Rules.Outcome(entry.Hash, Manifest.HashOf(entry.Path), there, approved);
        }

        private void AddRow(string path, string outcome)
        {
            var ticked = new Toggle
            {
                text = $"{path}: {Rules.Says[outcome]}",
                value = Rules.Done.Contains(outcome),
            };
            ticked.SetEnabled(Rules.CanBeDone(outcome));
            _list.Add(ticked);
            _rows.Add(new Row { Path = path, Outcome = outcome, Ticked = ticked });
        }

        private async Task Update()
        {
            _update.SetEnabled(false);
            var told = new List<string>();
            var count = 0;
            foreach (var row in _rows.Where(one => one.Ticked.value).ToList())
            {
                try
                {
                    await Renew(row);
                    count++;
                }
                catch (StudioException trouble)
                {
                    told.Add(trouble.Message);
                }
            }
            told.Insert(0, $"Done: {count}.");
            await Compare();
            _say(string.Join("\n", told));
        }

        private async Task Renew(Row row)
        {
            var manifest = Manifest.Read();
            var entry = manifest.EntryOf(row.Path);
            // It is looked at once more: somebody may have edited the file since it was listed.
            if (entry == null || OutcomeOf(entry) != row.Outcome)
                throw new StudioException($"{row.Path} changed since it was listed.");
            if (row.Outcome == "missing")
            {
                manifest.Forget(row.Path);
                manifest.Write();
                return;
            }
            await Importing.Renew(entry, _details[entry.Picture]);
        }
    }
}
