using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using UnityEditor;
using UnityEngine;
using UnityEngine.UIElements;

namespace Housestyle
{
    /// <summary>What is approved in the studio, to be looked through and imported.</summary>
    internal sealed class ApprovedView : VisualElement
    {
        private const int AtOnce = 4; // thumbnails
        private const int PageSize = 60;
        private const string EveryStyle = "Every style";

        private static readonly Dictionary<string, string> Kinds = new()
        {
            ["Pictures"] = "picture",
            ["Tilesets"] = "tileset",
        };

        private static readonly Dictionary<string, int?> Days = new()
        {
            ["Any time"] = null,
            ["Since my last import"] = 0,
            ["Last 24 hours"] = 1,
            ["Last 7 days"] = 7,
            ["Last 30 days"] = 30,
        };

        private readonly Action<Func<Task>> _run;
        private readonly Action<string> _say;
        private readonly DropdownField _styles;
        private readonly DropdownField _kinds;
        private readonly TextField _category;
        private readonly DropdownField _seen;
        private readonly DropdownField _since;
        private readonly VisualElement _wall = new();
        private readonly Button _more;
        private readonly TextField _folder;
        private readonly DropdownField _looks;
        private readonly IntegerField _units;
        private readonly Button _import;
        private readonly List<Thumbnail> _shown = new();
        private string _next = "";
        private int _turn;

        public ApprovedView(Action<Func<Task>> run, Action<string> say)
        {
            _run = run;
            _say = say;
            _styles = Choice("Style", new List<string> { EveryStyle });
            _kinds = Choice("Kind", Kinds.Keys.ToList());
            _category = new TextField("Category") { isDelayed = true };
            _category.RegisterValueChangedCallback(_ => _run(ShowFromStart));
            Add(_category);
            _seen = new DropdownField("Categories seen") { choices = new List<string>() };
            _seen.RegisterValueChangedCallback(changed => _category.value = changed.newValue);
            Add(_seen);
            _since = Choice("New", Days.Keys.ToList());
            _wall.style.flexDirection = FlexDirection.Row;
            _wall.style.flexWrap = Wrap.Wrap;
            Add(_wall);
            _more = new Button(() => _run(LoadPage)) { text = "Show more" };
            _more.style.display = DisplayStyle.None;
            Add(_more);
            _folder = new TextField("Folder") { value = Choices.Folder };
            Add(_folder);
            Add(new Button(ChooseFolder) { text = "Choose folder" });
            var looks = new List<string> { ImportSettings.PixelArt, ImportSettings.Smooth };
            _looks = new DropdownField("Import as", looks, Math.Max(0, looks.IndexOf(Choices.Look)));
            Add(_looks);
            _units = new IntegerField("Pixels per unit") { value = Choices.PixelsPerUnit };
            Add(_units);
            _import = new Button(() => _run(Import)) { text = "Import" };
            Add(_import);
        }

        /// <summary>Ask for the styles, then show what is approved.</summary>
        public async Task Begin()
        {
            var names = new List<string> { EveryStyle };
            string after = "";
            while (after != null)
            {
                var page = await Studio.Ask<Page<Style>>(
                    "/styles", new() { ["limit"] = "200", ["cursor"] = after });
                names.AddRange(page.Items.Select(style => style.Name));
                after = page.Next;
            }
            _styles.choices = names;
            if (!names.Contains(_styles.value))
                _styles.SetValueWithoutNotify(EveryStyle);
            await ShowFromStart();
        }

        private async Task ShowFromStart()
        {
            _turn++;
            _next = "";
            _shown.Clear();
            _wall.Clear();
            await LoadPage();
        }

        private async Task LoadPage()
        {
            var turn = _turn;
            _more.SetEnabled(false);
            Page<Picture> page;
            try
            {
                page = await Studio.Ask<Page<Picture>>("/assets", Filters());
            }
            finally
            {
                _more.SetEnabled(true);
            }
            if (turn != _turn)
                return;
            var come = page.Items.Select(picture => new Thumbnail(picture)).ToList();
            _shown.AddRange(come);
            come.ForEach(_wall.Add);
            _next = page.Next ?? "";
            _more.style.display = _next == "" ? DisplayStyle.None : DisplayStyle.Flex;
            _seen.choices = _seen.choices
                .Concat(page.Items.Select(picture => picture.Category))
                .Where(category => !string.IsNullOrEmpty(category))
                .Distinct()
                .ToList();
            if (_shown.Count == 0)
                _say("Nothing approved fits these choices.");
            var waiting = new Queue<Thumbnail>(come);
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => LoadInTurn(waiting, turn)));
        }

        private async Task LoadInTurn(Queue<Thumbnail> waiting, int turn)
        {
            while (waiting.Count > 0 && turn == _turn)
                await waiting.Dequeue().Load();
        }

        private Dictionary<string, string> Filters()
        {
            var since = Days[_since.value] switch
            {
                null => "",
                0 => Choices.Last,
                int days => DateTime.UtcNow.AddDays(-days).ToString(
                    "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            };
            return new Dictionary<string, string>
            {
                ["verdict"] = "approved",
                ["kind"] = Kinds[_kinds.value],
                ["style"] = _styles.value == EveryStyle ? "" : _styles.value,
                ["category"] = _category.value.Trim(),
                ["since"] = since,
                ["limit"] = PageSize.ToString(CultureInfo.InvariantCulture),
                ["cursor"] = _next,
            };
        }

        private async Task Import()
        {
            var folder = _folder.value.Trim().TrimEnd('/');
            var chosen = _shown.Where(one => one.Chosen).Select(one => one.Picture).ToList();
            if (!(folder + "/").StartsWith("Assets/", StringComparison.Ordinal))
                throw new StudioException("Choose a folder of this project, as Assets/Art.");
            if (chosen.Count == 0)
                throw new StudioException("Tick what is to be imported.");
            Choices.Folder = folder;
            Choices.Look = _looks.value;
            Choices.PixelsPerUnit = _units.value;
            _import.SetEnabled(false);
            try
            {
                await Bring(chosen, folder);
            }
            finally
            {
                _import.SetEnabled(true);
            }
        }

        private async Task Bring(List<Picture> pictures, string folder)
        {
            var troubles = new List<string>();
            foreach (var picture in pictures)
            {
                _say($"Importing {picture.Id} ...");
                try
                {
                    await Importing.Bring(picture, folder, _looks.value);
                    if (string.CompareOrdinal(picture.ChangedAt, Choices.Last) > 0)
                        Choices.Last = picture.ChangedAt;
                }
                catch (StudioException trouble)
                {
                    troubles.Add(trouble.Message);
                }
            }
            if (troubles.Count > 0)
                troubles.Insert(0, $"{troubles.Count} of {pictures.Count} were not imported:");
            else
                troubles.Add($"Imported {pictures.Count} into {folder}.");
            _say(string.Join("\n", troubles));
        }

        private void ChooseFolder()
        {
            var chosen = EditorUtility.OpenFolderPanel("Import into", _folder.value, "");
            if (chosen != "")
                _folder.value = FileUtil.GetProjectRelativePath(chosen);
        }

        private DropdownField Choice(string title, List<string> choices)
        {
            var field = new DropdownField(title, choices, 0);
            field.RegisterValueChangedCallback(_ => _run(ShowFromStart));
            Add(field);
            return field;
        }
    }
}
