using System;
using UnityEditor;

namespace Housestyle
{
    /// <summary>
    /// Where the studio is, and the token to it: preferences of this person's editor, never of a
    /// project.
    /// </summary>
    internal static class Connection
    {
        private const string AddressKey = "Housestyle.Address";
        private const string TokenKey = "Housestyle.Token";

        /// <summary>As https://studio.example.com, without a slash at its end.</summary>
        public static string Address => EditorPrefs.GetString(AddressKey, "").Trim().TrimEnd('/');

        public static string Token => EditorPrefs.GetString(TokenKey, "").Trim();

        public static void Keep(string address, string token)
        {
            EditorPrefs.SetString(AddressKey, address.Trim());
            EditorPrefs.SetString(TokenKey, token.Trim());
        }

        /// <summary>Throws where the address will not do.</summary>
        public static void Check()
        {
            if (Address == "")
                throw new StudioException(
                    "Say where the studio is, as https://studio.example.com, and give a token.");
            if (!Address.StartsWith("https://", StringComparison.Ordinal)
                && !Address.StartsWith("http://", StringComparison.Ordinal))
                throw new StudioException(
                    $"The address {Address} begins with neither https:// nor http://.");
        }

        /// <summary>Whether a URL is the studio's own, so that the token may be sent to it.</summary>
        public static bool Owns(string url)
        {
            return (url + "/").StartsWith(Address + "/", StringComparison.Ordinal);
        }
    }
}
