using System.Collections.Generic;
using System.Linq;

namespace Housestyle
{
    /// <summary>
    /// What happens to a file of the project when the studio is looked at again. Godot's addon has
    /// the same table; a test compares both.
    /// </summary>
    internal static class Rules
    {
        /// <summary>By what happened to the file here, then to its picture in the studio.</summary>
        public static readonly Dictionary<string, Dictionary<string, string>> Outcomes = new()
        {
            ["untouched"] = new()
            {
                ["same"] = "current",
                ["changed"] = "replace",
                ["unapproved"] = "unapproved",
                ["gone"] = "gone",
            },
            ["edited"] = new()
            {
                ["same"] = "edited",
                ["changed"] = "conflict",
                ["unapproved"] = "unapproved",
                ["gone"] = "gone",
            },
            ["renewed"] = new()
            {
                ["same"] = "record",
                ["changed"] = "record",
                ["unapproved"] = "unapproved",
                ["gone"] = "gone",
            },
            ["missing"] = new()
            {
                ["same"] = "missing",
                ["changed"] = "missing",
                ["unapproved"] = "missing",
                ["gone"] = "missing",
            },
        };

        /// <summary>What a person reads of each outcome.</summary>
        public static readonly Dictionary<string, string> Says = new()
        {
            ["current"] = "Up to date",
            ["replace"] = "Changed in the studio",
            ["record"] = "Already has the studio's newest; the manifest will say so",
            ["edited"] = "Edited by hand; nothing new in the studio",
            ["conflict"] = "Edited by hand, and changed in the studio: tick it to lose the edit",
            ["missing"] = "Not in the project any more: tick it to forget it",
            ["unapproved"] = "No longer approved in the studio",
            ["gone"] = "Not in the studio any more",
        };

        /// <summary>Done by Update what changed without asking.</summary>
        public static readonly string[] Done = { "replace", "record" };

        /// <summary>Done only for a file that a person ticks.</summary>
        public static readonly string[] Asked = { "conflict", "missing" };

        /// <summary>Shown, and left alone.</summary>
        public static readonly string[] Warned = { "edited", "unapproved", "gone" };

        /// <summary>
        /// What happened to the file here: its hash as the manifest knows it, as it is now ("": no
        /// file), and that of the studio's file ("": none).
        /// </summary>
        public static string FileState(string known, string here, string there)
        {
            if (here == "")
                return "missing";
            if (here == known)
                return "untouched";
            return here == there ? "renewed" : "edited";
        }

        /// <summary>
        /// What happened to the picture in the studio: the manifest's hash and the studio's ("": the
        /// picture or its file is gone), and whether it is approved.
        /// </summary>
        public static string PictureState(string known, string there, bool approved)
        {
            if (there == "")
                return "gone";
            if (!approved)
                return "unapproved";
            return there == known ? "same" : "changed";
        }

        public static string Outcome(string known, string here, string there, bool approved)
        {
            return Outcomes[FileState(known, here, there)][PictureState(known, there, approved)];
        }

        /// <summary>Whether a person can tick it.</summary>
        public static bool CanBeDone(string outcome)
        {
            return Done.Contains(outcome) || Asked.Contains(outcome);
        }
    }
}
