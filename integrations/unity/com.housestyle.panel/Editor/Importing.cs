using System;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using UnityEditor;

namespace Housestyle
{
    /// <summary>
    /// Pictures of the studio become files of the project, and are replaced by newer ones.
    /// </summary>
    internal static class Importing
    {
        private const int NameLength = 48;

        /// <summary>Import a picture into a folder, unless the project has it.</summary>
        public static async Task Bring(Picture picture, string folder, string look)
        {
            if (picture.Kind == "tileset")
            {
                await BringTileset(picture, folder, look);
                return;
            }
            if (Manifest.Read().Has(picture.Id, "picture"))
                return;
            var bytes = await Fetched(picture, "picture");
            Place(FreePath(picture, folder), bytes, EntryFor(picture, "picture", look, 0));
        }

        /// <summary>Replace a file by the studio's newest; it stays as it was where that fails.</summary>
        public static async Task Renew(Entry before, Picture details)
        {
            var bytes = await Fetched(details, before.Role);
            var entry = EntryFor(details, before.Role, before.Look, before.Cell);
            Place(before.Path, bytes, entry);
        }

        /// <summary>The studio's hash of a picture's file in a role, "" where it has none.</summary>
        public static string HashThere(Picture details, string role)
        {
            if (role == "picture")
                return details?.Hash ?? "";
            return details?.Files.FirstOrDefault(file => file.Role == role)?.Hash ?? "";
        }

        private static async Task BringTileset(Picture asset, string folder, string look)
        {
            if (Manifest.Read().Has(asset.Id, "sheet"))
                return;
            var id = Uri.EscapeDataString(asset.Id);
            var about = await Studio.Ask<Tileset>("/tilesets/" + id);
            var details = await Studio.Ask<Picture>("/assets/" + id);
            var bytes = await Fetched(details, "sheet");
            var cell = (int)about.Settings["size"];
            var path = FreePath(details, folder);
            Place(path, bytes, EntryFor(details, "sheet", look, cell));
            TileSheets.Slice(path, cell, about.Tiles);
        }

        /// <summary>A file of the studio, seen to be what the studio says.</summary>
        private static async Task<byte[]> Fetched(Picture details, string role)
        {
            var address = role == "picture"
                ? details.Address
                : $"{Studio.Api}/assets/{Uri.EscapeDataString(details.Id)}/files/{role}";
            if (string.IsNullOrEmpty(address))
                throw new StudioException($"The studio has no file of {details.Id}.");
            var answer = await Studio.BytesOf(address);
            if (Manifest.HashOf(answer.Bytes) != HashThere(details, role))
                throw new StudioException(
                    $"{details.Id} arrived damaged, or changed meanwhile. Try again.");
            return answer.Bytes;
        }

        /// <summary>
        /// Put a file in its place with its entry, then have Unity import it: the import reads in the
        /// manifest what kind of picture it is.
        /// </summary>
        private static void Place(string path, byte[] bytes, Entry entry)
        {
            Manifest.Publish(path, bytes);
            var manifest = Manifest.Read();
            manifest.ForgetMissing(entry.Picture);
            manifest.Put(path, entry);
            manifest.Write();
            var folder = path.Substring(0, path.LastIndexOf('/'));
            if (AssetDatabase.IsValidFolder(folder))
                AssetDatabase.ImportAsset(path, ImportAssetOptions.ForceUpdate);
            else
                AssetDatabase.Refresh(); // a folder that Unity does not know yet
        }

        private static Entry EntryFor(Picture picture, string role, string look, int cell)
        {
            return new Entry
            {
                Picture = picture.Id,
                Role = role,
                Style = picture.Style ?? "",
                Version = picture.Version,
                Seed = picture.Seed,
                Hash = HashThere(picture, role),
                Look = look,
                Cell = cell,
                Seamless = (string)picture.Recipe?["seamless"] ?? "",
            };
        }

        /// <summary>
        /// Where a picture goes: by its name and variant, else by its prompt; with its id where that
        /// is taken.
        /// </summary>
        private static string FreePath(Picture picture, string folder)
        {
            var called = string.IsNullOrEmpty(picture.Name) ? picture.Prompt : picture.Name;
            var file = FileName(called ?? "");
            if (picture.Variant > 1)
                file += "_" + picture.Variant;
            var path = $"{folder}/{file}.png";
            return Manifest.HashOf(path) == ""
                ? path
                : $"{folder}/{file}_{picture.Id.Substring(0, Math.Min(6, picture.Id.Length))}.png";
        }

        /// <summary>Small letters, digits and _, so that every system takes it.</summary>
        private static string FileName(string called)
        {
            var kept = new StringBuilder();
            foreach (var letter in called.ToLowerInvariant())
            {
                if (letter is >= 'a' and <= 'z' or >= '0' and <= '9')
                    kept.Append(letter);
                else if (kept.Length > 0 && kept[kept.Length - 1] != '_')
                    kept.Append('_');
            }
            var name = kept.ToString();
            name = name.Substring(0, Math.Min(NameLength, name.Length)).TrimEnd('_');
            return name == "" ? "picture" : name;
        }
    }
}
