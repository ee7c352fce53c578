using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Newtonsoft.Json;
using UnityEngine.Networking;

namespace Housestyle
{
    /// <summary>Something that a person is told in a sentence; <c>Status</c> is HTTP's, or 0.</summary>
    internal sealed class StudioException : Exception
    {
        public readonly long Status;

        public StudioException(string message, long status = 0) : base(message)
        {
            Status = status;
        }
    }

    /// <summary>The bytes behind an address, and what they are.</summary>
    internal readonly struct Download
    {
        public readonly byte[] Bytes;
        public readonly string Type;

        public Download(byte[] bytes, string type)
        {
            Bytes = bytes;
            Type = type;
        }
    }

    /// <summary>The studio's REST interface.</summary>
    internal static class Studio
    {
        public const string Api = "/api/v1";
        private const int Within = 60; // seconds for one answer
        private const int Tries = 5; // where the studio says that it is to be asked later
        private const int AtOnce = 4;

        private static readonly JsonSerializerSettings AsWritten = new()
        {
            DateParseHandling = DateParseHandling.None,
        };

        /// <summary>What a route answers; a value of "" is not sent.</summary>
        public static async Task<T> Ask<T>(string route, Dictionary<string, string> query = null)
        {
            var words = (query ?? new())
                .Where(word => !string.IsNullOrEmpty(word.Value))
                .Select(word => word.Key + "=" + Uri.EscapeDataString(word.Value))
                .ToArray();
            var told = words.Length == 0 ? "" : "?" + string.Join("&", words);
            var answer = await BytesOf(Api + route + told);
            try
            {
                var text = System.Text.Encoding.UTF8.GetString(answer.Bytes);
                return JsonConvert.DeserializeObject<T>(text, AsWritten)
                    ?? throw new JsonException();
            }
            catch (JsonException)
            {
                throw new StudioException("What answers at this address is no Housestyle studio.");
            }
        }

        /// <summary>The bytes behind an address that the studio gave.</summary>
        public static async Task<Download> BytesOf(string address)
        {
            Connection.Check();
            var url = Whole(address);
            for (var left = Tries; left > 0; left--)
            {
                using var request = await Sent(url);
                var status = request.responseCode;
                if (status is 301 or 302 or 303 or 307 or 308)
                {
                    // By hand, so that the token goes to the studio alone: a store that it leads to
                    // has a signature of its own.
                    url = Whole(request.GetResponseHeader("Location") ?? "");
                }
                else if (status is 429 or 503)
                {
                    await Task.Delay(TimeSpan.FromSeconds(Pause(request)));
                }
                else
                {
                    return Come(request);
                }
            }
            throw new StudioException("The studio is too busy. Try again later.");
        }

        /// <summary>The details of pictures by id, a few at once; null for one that is gone.</summary>
        public static async Task<Dictionary<string, Picture>> DetailsOf(IEnumerable<string> ids)
        {
            var waiting = new Queue<string>(ids);
            var found = new Dictionary<string, Picture>();
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => AskInTurn(waiting, found)));
            return found;
        }

        private static async Task AskInTurn(
            Queue<string> waiting, Dictionary<string, Picture> found)
        {
            while (waiting.Count > 0)
            {
                var id = waiting.Dequeue();
                found[id] = await DetailsOf(id);
            }
        }

        private static async Task<Picture> DetailsOf(string id)
        {
            try
            {
                return await Ask<Picture>("/assets/" + Uri.EscapeDataString(id));
            }
            catch (StudioException trouble) when (trouble.Status == 404)
            {
                return null;
            }
        }

        private static async Task<UnityWebRequest> Sent(string url)
        {
            var request = UnityWebRequest.Get(url);
            request.timeout = Within;
            request.redirectLimit = 0;
            if (Connection.Owns(url) && Connection.Token != "")
                request.SetRequestHeader("Authorization", "Bearer " + Connection.Token);
            var ended = new TaskCompletionSource<bool>();
            try
            {
                request.SendWebRequest().completed += _ => ended.SetResult(true);
            }
            catch (InvalidOperationException trouble)
            {
                request.Dispose();
                throw new StudioException(
                    $"Unity will not ask {Connection.Address}: {trouble.Message} For http:// allow "
                    + "downloads over HTTP in Project Settings > Player.");
            }
            await ended.Task;
            return request;
        }

        private static Download Come(UnityWebRequest request)
        {
            if (request.responseCode >= 400)
                throw new StudioException(ProblemOf(request), request.responseCode);
            if (request.result != UnityWebRequest.Result.Success)
                throw new StudioException($"{Connection.Address}: {request.error}");
            var type = (request.GetResponseHeader("Content-Type") ?? "").Split(';')[0];
            return new Download(request.downloadHandler.data, type);
        }

        private static string ProblemOf(UnityWebRequest request)
        {
            try
            {
                var problem = JsonConvert.DeserializeObject<Problem>(request.downloadHandler.text);
                var told = problem?.Detail ?? problem?.Title;
                if (told != null)
                    return (told + " " + problem.Remedy).Trim();
            }
            catch (JsonException)
            {
                // Something between here and the studio answered in its own words.
            }
            return $"The studio answered {request.responseCode}.";
        }

        private static double Pause(UnityWebRequest request)
        {
            double.TryParse(request.GetResponseHeader("Retry-After"), out var seconds);
            return Math.Min(Math.Max(seconds, 1), 60);
        }

        private static string Whole(string address)
        {
            return address.StartsWith("/", StringComparison.Ordinal)
                ? Connection.Address + address
                : address;
        }
    }
}
