using System.Collections.Generic;
using System.Linq;
using UnityEditor;
using UnityEditor.U2D.Sprites;
using UnityEngine;

namespace Housestyle
{
    /// <summary>A tileset's sheet as sprites, one a tile.</summary>
    internal static class TileSheets
    {
        /// <summary>
        /// Cut an imported sheet into square cells, numbered by rows from the top. A cell that was
        /// cut before keeps its id, so that what refers to it goes on to.
        /// </summary>
        public static void Slice(string path, int cell, int tiles)
        {
            var importer = (TextureImporter)AssetImporter.GetAtPath(path);
            importer.GetSourceTextureWidthAndHeight(out var width, out var height);
            var factories = new SpriteDataProviderFactories();
            factories.Init();
            var provider = factories.GetSpriteEditorDataProviderFromObject(importer);
            provider.InitSpriteEditorDataProvider();
            var known = provider.GetSpriteRects().ToDictionary(rect => rect.name, rect => rect.spriteID);
            var called = System.IO.Path.GetFileNameWithoutExtension(path);
            var rects = new List<SpriteRect>();
            var columns = width / cell;
            for (var tile = 0; tile < tiles; tile++)
            {
                var name = $"{called}_{tile}";
                rects.Add(new SpriteRect
                {
                    name = name,
                    spriteID = known.TryGetValue(name, out var id) ? id : GUID.Generate(),
                    alignment = SpriteAlignment.Center,
                    pivot = new Vector2(0.5f, 0.5f),
                    // Unity counts from the bottom.
                    rect = new Rect(
                        tile % columns * cell, height - (tile / columns + 1) * cell, cell, cell),
                });
            }
            provider.SetSpriteRects(rects.ToArray());
            provider.GetDataProvider<ISpriteNameFileIdDataProvider>().SetNameFileIdPairs(
                rects.Select(rect => new SpriteNameFileIdPair(rect.name, rect.spriteID)).ToList());
            provider.Apply();
            importer.SaveAndReimport();
        }
    }
}
