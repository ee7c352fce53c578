using System.Linq;
using UnityEditor;
using UnityEngine;

namespace Housestyle
{
    /// <summary>
    /// How Unity imports a picture of the studio the first time. What somebody changes in its import
    /// settings later stays. It also keeps the manifest right when files are moved or deleted.
    /// </summary>
    internal sealed class ImportSettings : AssetPostprocessor
    {
        public const string PixelArt = "pixel art";
        public const string Smooth = "smooth";
        private const int LargestSide = 8192;

        private void OnPreprocessTexture()
        {
            if (!assetImporter.importSettingsMissing)
                return;
            var entry = Manifest.Read().EntryOf(assetPath);
            if (entry != null)
                Set((TextureImporter)assetImporter, entry);
        }

        private static void Set(TextureImporter importer, Entry entry)
        {
            var pixels = entry.Look == PixelArt;
            importer.textureType = TextureImporterType.Sprite;
            importer.spriteImportMode =
                entry.Cell > 0 ? SpriteImportMode.Multiple : SpriteImportMode.Single;
            // A tile is one unit, as a Tilemap's cell is.
            importer.spritePixelsPerUnit = entry.Cell > 0 ? entry.Cell : Choices.PixelsPerUnit;
            importer.filterMode = pixels ? FilterMode.Point : FilterMode.Bilinear;
            importer.mipmapEnabled = false;
            importer.textureCompression = TextureImporterCompression.Uncompressed;
            importer.npotScale = TextureImporterNPOTScale.None;
            importer.maxTextureSize = LargestSide;
            importer.alphaIsTransparency = !pixels;
            importer.wrapModeU = Wrap(entry.Seamless is "both" or "x");
            importer.wrapModeV = Wrap(entry.Seamless is "both" or "y");
            var settings = new TextureImporterSettings();
            importer.ReadTextureSettings(settings);
            settings.spriteMeshType = SpriteMeshType.FullRect;
            importer.SetTextureSettings(settings);
        }

        private static TextureWrapMode Wrap(bool seamless)
        {
            return seamless ? TextureWrapMode.Repeat : TextureWrapMode.Clamp;
        }

        private static void OnPostprocessAllAssets(
            string[] importedAssets,
            string[] deletedAssets,
            string[] movedAssets,
            string[] movedFromAssetPaths)
        {
            if (deletedAssets.Length == 0 && movedAssets.Length == 0)
                return;
            try
            {
                var manifest = Manifest.Read();
                var changed = deletedAssets.Count(manifest.Forget) > 0;
                for (var place = 0; place < movedAssets.Length; place++)
                    changed |= manifest.Move(movedFromAssetPaths[place], movedAssets[place]);
                if (changed)
                    manifest.Write();
            }
            catch (StudioException trouble)
            {
                Debug.LogWarning(trouble.Message);
            }
        }
    }
}
