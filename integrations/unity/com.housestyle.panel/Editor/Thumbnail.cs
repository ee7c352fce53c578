using System.Globalization;
using System.Threading.Tasks;
using UnityEngine;
using UnityEngine.UIElements;

namespace Housestyle
{
    /// <summary>One approved picture on the wall, to be ticked.</summary>
    internal sealed class Thumbnail : VisualElement
    {
        private const int Side = 96;

        public readonly Picture Picture;
        private readonly Image _image = new() { scaleMode = ScaleMode.ScaleToFit };
        private readonly Toggle _toggle;

        public Thumbnail(Picture picture)
        {
            Picture = picture;
            style.width = Side + 8;
            _image.style.width = Side;
            _image.style.height = Side;
            Add(_image);
            _toggle = new Toggle { text = string.IsNullOrEmpty(picture.Name) ? picture.Prompt : picture.Name };
            Add(_toggle);
            var seed = picture.Seed?.ToString(CultureInfo.InvariantCulture) ?? "none";
            tooltip = $"{picture.Prompt}\n{picture.Style} version {picture.Version}, seed {seed}, "
                + $"{picture.Width} x {picture.Height}";
            _image.RegisterCallback<ClickEvent>(_ => _toggle.value = !_toggle.value);
            RegisterCallback<DetachFromPanelEvent>(_ => Drop());
        }

        public bool Chosen => _toggle.value;

        /// <summary>Get the picture; a wall without one thumbnail is still a wall.</summary>
        public async Task Load()
        {
            if (string.IsNullOrEmpty(Picture.Thumbnail))
                return;
            try
            {
                var answer = await Studio.BytesOf(Picture.Thumbnail);
                // Unity reads PNG and JPEG: of a WebP the picture itself is shown.
                if (answer.Type == "image/webp")
                    answer = await Studio.BytesOf(Picture.Address);
                Show(answer.Bytes);
            }
            catch (StudioException trouble)
            {
                tooltip += "\n" + trouble.Message;
            }
        }

        private void Show(byte[] bytes)
        {
            // Without mipmaps, and by nearest pixel, so that pixel art is shown as it is.
            var texture = new Texture2D(2, 2, TextureFormat.RGBA32, false)
            {
                filterMode = FilterMode.Point,
                hideFlags = HideFlags.HideAndDontSave,
            };
            if (panel != null && texture.LoadImage(bytes))
                _image.image = texture;
            else
                Object.DestroyImmediate(texture);
        }

        private void Drop()
        {
            if (_image.image != null)
                Object.DestroyImmediate(_image.image);
        }
    }
}
