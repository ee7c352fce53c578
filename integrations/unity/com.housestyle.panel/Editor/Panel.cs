using System;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;
using UnityEditor;
using UnityEngine;
using UnityEngine.UIElements;

namespace Housestyle
{
    /// <summary>
    /// The panel: the connection, what is approved, what changed, and what the selected file is.
    /// </summary>
    internal sealed class Panel : EditorWindow
    {
        private TextField _address;
        private TextField _token;
        private Label _who;
        private ApprovedView _approved;
        private Label _selected;
        private Button _page;
        private Label _said;

        [MenuItem("Window/Housestyle")]
        private static void Open()
        {
            GetWindow<Panel>("Housestyle");
        }

        private void CreateGUI()
        {
            var all = new ScrollView();
            rootVisualElement.Add(all);
            all.Add(ConnectionParts());
            _approved = new ApprovedView(Run, Say);
            all.Add(Folded("Approved", _approved));
            all.Add(Folded("In this project", new ChangesView(Run, Say)));
            _selected = Wrapped();
            all.Add(_selected);
            _page = new Button { text = "Its page in the studio" };
            all.Add(_page);
            _said = Wrapped();
            all.Add(_said);
            ShowSelected();
            if (Connection.Address != "")
                Run(Connect);
        }

        private void OnEnable()
        {
            Selection.selectionChanged += ShowSelected;
        }

        private void OnDisable()
        {
            Selection.selectionChanged -= ShowSelected;
        }

        private VisualElement ConnectionParts()
        {
            var parts = new VisualElement();
            _address = new TextField("Studio") { value = Connection.Address };
            _token = new TextField("Token")
            {
                value = Connection.Token,
                isPasswordField = true,
                tooltip = "A viewer's will do. Kept in this editor's preferences, not in the project.",
            };
            parts.Add(_address);
            parts.Add(_token);
            parts.Add(new Button(() => Run(Connect)) { text = "Connect" });
            _who = Wrapped();
            parts.Add(_who);
            return parts;
        }

        private async Task Connect()
        {
            Connection.Keep(_address.value, _token.value);
            _who.text = "Connecting ...";
            try
            {
                var me = await Studio.Ask<Me>("/me");
                _who.text = $"Connected as {me.Name} {me.Role}".TrimEnd() + ".";
            }
            catch (StudioException trouble)
            {
                _who.text = trouble.Message;
                return;
            }
            await _approved.Begin();
        }

        /// <summary>Say which picture, version and seed made the selected file.</summary>
        private void ShowSelected()
        {
            if (_selected == null)
                return;
            _selected.text = "";
            _page.style.display = DisplayStyle.None;
            var path = AssetDatabase.GetAssetPath(Selection.activeObject);
            if (string.IsNullOrEmpty(path))
                return;
            try
            {
                var entry = Manifest.Read().EntryOf(path);
                if (entry != null)
                    Show(entry);
            }
            catch (StudioException trouble)
            {
                _selected.text = trouble.Message;
            }
        }

        private void Show(Entry entry)
        {
            var seed = entry.Seed?.ToString(CultureInfo.InvariantCulture) ?? "none";
            _selected.text = $"{Path.GetFileName(entry.Path)}: {entry.Style} version {entry.Version}, "
                + $"seed {seed}, picture {entry.Picture}";
            if (Manifest.HashOf(entry.Path) != entry.Hash)
                _selected.text += ", edited by hand since";
            var address = $"{Connection.Address}/Picture?id={Uri.EscapeDataString(entry.Picture)}";
            _page.clickable = new Clickable(() => Application.OpenURL(address));
            _page.style.display = DisplayStyle.Flex;
        }

        /// <summary>Do something that may fail in words.</summary>
        private async void Run(Func<Task> work)
        {
            try
            {
                await work();
            }
            catch (StudioException trouble)
            {
                Say(trouble.Message);
            }
            catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
            {
                Say(trouble.Message);
            }
            ShowSelected();
        }

        private void Say(string sentence)
        {
            _said.text = sentence;
        }

        private static Label Wrapped()
        {
            var label = new Label();
            label.style.whiteSpace = WhiteSpace.Normal;
            return label;
        }

        private static Foldout Folded(string title, VisualElement content)
        {
            var foldout = new Foldout { text = title };
            foldout.Add(content);
            return foldout;
        }
    }
}
