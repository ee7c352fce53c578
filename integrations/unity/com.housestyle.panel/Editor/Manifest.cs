using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using Newtonsoft.Json;
using UnityEngine;

namespace Housestyle
{
    /// <summary>Where a file came from. The names stand in the order in which they are written.</summary>
    internal sealed class Entry
    {
        /// <summary>Pixels of a tile, 0 for what has no tiles.</summary>
        [JsonProperty("cell", Order = 0)] public int Cell;

        /// <summary>SHA-256 of the file as it was imported.</summary>
        [JsonProperty("hash", Order = 1)] public string Hash = "";

        /// <summary>"pixel art" or "smooth".</summary>
        [JsonProperty("look", Order = 2)] public string Look = "";

        /// <summary>Within the project, as Assets/Art/hero.png.</summary>
        [JsonProperty("path", Order = 3)] public string Path = "";

        /// <summary>The picture's id in the studio.</summary>
        [JsonProperty("picture", Order = 4)] public string Picture = "";
        [JsonProperty("role", Order = 5)] public string Role = "";

        /// <summary>"both", "x", "y" or "": where it goes on at its other edge.</summary>
        [JsonProperty("seamless", Order = 6)] public string Seamless = "";
        [JsonProperty("seed", Order = 7)] public long? Seed;
        [JsonProperty("style", Order = 8)] public string Style = "";
        [JsonProperty("version", Order = 9)] public int Version;
    }

    /// <summary>
    /// What this project has of the studio: of each file its picture, version, seed and hash. It lies
    /// in the project's folder as housestyle.json and belongs into version control. No address and
    /// no token stand in it. Godot's addon keeps the same file.
    /// </summary>
    internal sealed class Manifest
    {
        private const int Schema = 1;

        private sealed class Written
        {
            [JsonProperty("files", Order = 0)] public List<Entry> Files = new();
            [JsonProperty("schema", Order = 1)] public int Schema;
        }

        private readonly Dictionary<string, Entry> _entries;

        private Manifest(IEnumerable<Entry> entries)
        {
            _entries = entries.ToDictionary(entry => entry.Path);
        }

        public IReadOnlyDictionary<string, Entry> Entries => _entries;

        private static string Place => Path.Combine(Root, "housestyle.json");
        private static string Root => Path.GetDirectoryName(Application.dataPath);

        /// <summary>As the file is now. Throws where it can't be used.</summary>
        public static Manifest Read()
        {
            if (!File.Exists(Place))
                return new Manifest(Array.Empty<Entry>());
            Written written;
            try
            {
                written = JsonConvert.DeserializeObject<Written>(File.ReadAllText(Place));
            }
            catch (JsonException trouble)
            {
                throw new StudioException(
                    $"housestyle.json can't be read: {trouble.Message} "
                    + "Mend it, or take it from version control.");
            }
            if (written?.Schema != Schema)
                throw new StudioException(
                    "housestyle.json is of another version of this panel. Update the package.");
            return new Manifest(written.Files);
        }

        /// <summary>Write it aside, then rename.</summary>
        public void Write()
        {
            var files = _entries.Values.OrderBy(entry => entry.Path, StringComparer.Ordinal);
            var written = new Written { Files = files.ToList(), Schema = Schema };
            var text = JsonConvert.SerializeObject(written, Formatting.Indented) + "\n";
            Publish(Place, System.Text.Encoding.UTF8.GetBytes(text.Replace("\r\n", "\n")));
        }

        /// <summary>The entry of a file, null for one that did not come from the studio.</summary>
        public Entry EntryOf(string path)
        {
            return _entries.TryGetValue(path, out var entry) ? entry : null;
        }

        public void Put(string path, Entry entry)
        {
            entry.Path = path;
            _entries[path] = entry;
        }

        /// <summary>Whether a file was one of ours, which it is no more.</summary>
        public bool Forget(string path)
        {
            return _entries.Remove(path);
        }

        /// <summary>Follow a file that was moved. Whether it is one of ours.</summary>
        public bool Move(string old, string now)
        {
            var entry = EntryOf(old);
            if (entry == null)
                return false;
            _entries.Remove(old);
            Put(now, entry);
            return true;
        }

        /// <summary>Forget where a picture was whose files are no more: it is imported anew.</summary>
        public void ForgetMissing(string picture)
        {
            foreach (var entry in _entries.Values.Where(one => one.Picture == picture).ToList())
                if (HashOf(entry.Path) == "")
                    Forget(entry.Path);
        }

        /// <summary>Whether the project has a picture's file.</summary>
        public bool Has(string picture, string role)
        {
            return _entries.Values.Any(
                one => one.Picture == picture && one.Role == role && HashOf(one.Path) != "");
        }

        /// <summary>The hash of a file of the project as it is now, "" where there is none.</summary>
        public static string HashOf(string path)
        {
            var file = Path.Combine(Root, path);
            return File.Exists(file) ? HashOf(File.ReadAllBytes(file)) : "";
        }

        public static string HashOf(byte[] bytes)
        {
            using var sha = SHA256.Create();
            return BitConverter.ToString(sha.ComputeHash(bytes)).Replace("-", "").ToLowerInvariant();
        }

        /// <summary>Write a file of the project aside, then rename it.</summary>
        public static void Publish(string path, byte[] bytes)
        {
            var file = Path.Combine(Root, path);
            // Unity looks at no file whose name ends so.
            var aside = file + "~";
            Directory.CreateDirectory(Path.GetDirectoryName(file));
            File.WriteAllBytes(aside, bytes);
            if (File.Exists(file))
                File.Replace(aside, file, null);
            else
                File.Move(aside, file);
        }
    }
}
