using System.Collections.Generic;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Housestyle
{
    /// <summary>A page of a list; <c>next</c> is null at its end.</summary>
    internal sealed class Page<T>
    {
        [JsonProperty("items")] public List<T> Items = new();
        [JsonProperty("next")] public string Next;
    }

    /// <summary>Whom the token acts as.</summary>
    internal sealed class Me
    {
        [JsonProperty("name")] public string Name;
        [JsonProperty("role")] public string Role;
    }

    internal sealed class Style
    {
        [JsonProperty("style")] public string Name;
    }

    /// <summary>An asset; its files come with its details alone.</summary>
    internal sealed class Picture
    {
        [JsonProperty("id")] public string Id;
        [JsonProperty("kind")] public string Kind;
        [JsonProperty("style")] public string Style;
        [JsonProperty("version")] public int Version;
        [JsonProperty("seed")] public long? Seed;
        [JsonProperty("name")] public string Name;
        [JsonProperty("variant")] public int Variant;
        [JsonProperty("category")] public string Category;
        [JsonProperty("prompt")] public string Prompt;
        [JsonProperty("changed_at")] public string ChangedAt;
        [JsonProperty("verdict")] public string Verdict;
        [JsonProperty("width")] public int? Width;
        [JsonProperty("height")] public int? Height;
        [JsonProperty("hash")] public string Hash;
        [JsonProperty("picture")] public string Address;
        [JsonProperty("thumbnail")] public string Thumbnail;
        [JsonProperty("recipe")] public JObject Recipe;
        [JsonProperty("files")] public List<StoredFile> Files = new();
    }

    internal sealed class StoredFile
    {
        [JsonProperty("role")] public string Role;
        [JsonProperty("hash")] public string Hash;
        [JsonProperty("address")] public string Address;
    }

    internal sealed class Tileset
    {
        [JsonProperty("settings")] public JObject Settings;
        [JsonProperty("tiles")] public int Tiles;
    }

    /// <summary>What went wrong, as RFC 9457 has it, and what can be done.</summary>
    internal sealed class Problem
    {
        [JsonProperty("title")] public string Title;
        [JsonProperty("detail")] public string Detail;
        [JsonProperty("remedy")] public string Remedy;
    }
}
