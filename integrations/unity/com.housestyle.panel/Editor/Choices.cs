using System.Globalization;
using UnityEditor;

namespace Housestyle
{
    /// <summary>What a person chose in this project last; Unity keeps it for this person alone.</summary>
    internal static class Choices
    {
        private const int UnitsUnlessSaid = 100; // as Unity's own

        public static string Folder
        {
            get => Get("Folder", "Assets/Art");
            set => Set("Folder", value);
        }

        public static string Look
        {
            get => Get("Look", ImportSettings.PixelArt);
            set => Set("Look", value);
        }

        /// <summary>The moment of the newest change that was imported, as the studio writes it.</summary>
        public static string Last
        {
            get => Get("Last", "");
            set => Set("Last", value);
        }

        public static int PixelsPerUnit
        {
            get => int.TryParse(Get("PixelsPerUnit", ""), out var units) && units > 0
                ? units
                : UnitsUnlessSaid;
            set => Set("PixelsPerUnit", value.ToString(CultureInfo.InvariantCulture));
        }

        private static string Get(string name, string otherwise)
        {
            var kept = EditorUserSettings.GetConfigValue("Housestyle." + name);
            return string.IsNullOrEmpty(kept) ? otherwise : kept;
        }

        private static void Set(string name, string value)
        {
            EditorUserSettings.SetConfigValue("Housestyle." + name, value);
        }
    }
}
